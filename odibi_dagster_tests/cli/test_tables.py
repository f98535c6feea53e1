from __future__ import annotations

import json

from odibi_dagster_tests.cli.conftest import Here
from odibi_dagster_tests.cli.shop import Shop, new_shop


def test_tables_are_listed_with_what_is_published(made: Shop, here: Here) -> None:
    code, out, _ = here(made, "tables", "--json")
    tables = {table["table"]: table for table in json.loads(out)["tables"]}
    assert code == 0
    orders = tables["silver.orders"]
    assert (orders["layer"], orders["name"], orders["kind"]) == ("silver", "orders", "full")
    assert orders["inputs"] == ["bronze.orders"]
    assert orders["references"] == ["bronze.regions"]
    assert orders["file"] == str(made.tables / "silver" / "orders.sql")
    assert (orders["version"], orders["rows"]) == (0, 3)
    assert tables["bronze.orders"]["description"] == "Orders as they landed."
    assert tables["bronze.orders"]["source"] == "raw/orders/*.csv"
    assert list(tables).index("bronze.orders") < list(tables).index("silver.orders")


def test_nothing_published_is_no_error_and_nothing_is_made(made: Shop, here: Here, tmp_path: object) -> None:
    from pathlib import Path

    shop = new_shop(Path(str(tmp_path)) / "fresh")
    before = shop.snapshot("lake")
    code, out, _ = here(shop, "tables")
    assert code == 0
    assert "silver/orders.sql" in out and "–" in out
    assert "\x1b" not in out and all(line == line.rstrip() for line in out.splitlines())
    assert shop.snapshot("lake") == before
