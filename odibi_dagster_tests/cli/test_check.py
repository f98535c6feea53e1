from __future__ import annotations

from pathlib import Path

from odibi_dagster_tests.cli.shop import Shop, new_shop


def test_types_and_lineage_of_a_fresh_clone(tmp_path: Path) -> None:
    shop = new_shop(tmp_path / "fresh")
    before = shop.snapshot("lake")
    done = shop.json("check")
    tables = {table["table"]: table for table in done["tables"]}
    assert done["success"] and done["errors"] == []
    totals = {column["name"]: column for column in tables["gold.totals"]["columns"]}
    assert totals["total"] == {"name": "total", "type": "decimal(20,2)", "from": ["silver.orders.amount"]}
    assert tables["gold.region_sizes"]["known"] == "computed from its SQL"
    assert tables["bronze.regions"]["known"] == "declared"
    assert shop.snapshot("lake") == before and not shop.home.exists()


def test_everything_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    shop.write(
        {
            "gold/totals.sql": "SELECT regoin FROM silver.orders",
            "gold/sizes.sql": "/*\ncolumns: {n: {type: string}}\n*/\nSELECT COUNT(*) AS n FROM silver.orders",
            "gold/rules.sql": "/*\nexpect:\n  a: {sql: nope > 1}\n  b: {unique: [nope2]}\n"
            "  c: {references: {region: bronze.regions.rgion}}\n*/\nSELECT region FROM silver.orders",
            "bronze/broken.py": "import no_such_package\n\ndef broken():\n    return None\n",
        }
    )
    done = shop.cli("check", code=1)
    for told in (
        "The column regoin does not exist.",
        "n is bigint, declared string",
        "nope",
        "The expectation b names nope2",
        "names bronze.regions.rgion",
        "Did you mean `region`?",
        "Install the package that brings `no_such_package`",
    ):
        assert told in done.stderr, told
    assert "12 tables" not in done.stdout and "Traceback" not in done.stderr
    shop.write({"gold/worse.sql": "SELECT nofun(1) AS x", "gold/worst.sql": "SELECT 1 AS x FROM silver.none"})
    document = shop.json("check", code=1)
    assert not document["success"] and len(document["errors"]) == 2
