from __future__ import annotations

import json

from deltalake import DeltaTable, write_deltalake

from odibi_dagster_tests.cli.conftest import Here
from odibi_dagster_tests.cli.shop import Shop


def test_versions_are_told_from_the_log(made: Shop, here: Here) -> None:
    code, out, _ = here(made, "history", "silver.orders", "--json")
    (only,) = json.loads(out)["versions"]
    assert code == 0
    assert (only["version"], only["kind"], only["added"], only["rows"]) == (0, "full", 3, 3)
    assert only["inputs"] == {"bronze.orders": 0}
    assert not only["foreign"] and only["run_id"]
    dropped = {check["name"]: check["dropped"] for check in only["checks"]}
    assert dropped["amount_is_positive"] == 1
    assert "amount_is_positive: 1" in here(made, "history", "silver/orders")[1]


def test_foreign_commits_are_shown_as_such(shop: Shop, here: Here) -> None:
    from arro3.core import Array, DataType, Table

    table = DeltaTable(str(shop.lake / "gold" / "region_sizes"))
    rows = Table.from_pydict(
        {"region": Array(["x"], DataType.string()), "orders": Array([1], DataType.int64())}
    )
    write_deltalake(table, rows, mode="append")
    _, out, _ = here(shop, "history", "gold.region_sizes", "--json")
    newest, first = json.loads(out)["versions"]
    assert (newest["version"], newest["foreign"], newest["kind"], newest["rows"]) == (1, True, None, 3)
    assert (first["foreign"], first["rows"]) == (False, 2)
    _, out, _ = here(shop, "history", "gold.region_sizes", "--limit", "1")
    assert "foreign: WRITE" in out and out.count("\n") == 3


def test_a_table_without_versions_says_what_to_do(shop: Shop, here: Here) -> None:
    shop.write({"gold/new.sql": "SELECT 1 AS x"})
    code, _, err = here(shop, "history", "gold.new")
    assert code == 1
    assert "never been published" in err and "odibi-dagster run +gold/new" in err
