from __future__ import annotations

import shutil

from odibi_dagster_tests.cli.shop import TABLES, Shop


def test_nothing_to_do_after_a_run(made: Shop) -> None:
    plan = made.json("plan")
    assert plan["run"] == []
    assert sorted(plan["current"]) == sorted(name.split(".")[0].replace("/", ".") for name in TABLES)


def test_every_reason_is_told_and_nothing_is_changed(shop: Shop) -> None:
    shop.land("b.csv", "5,north,1.00")
    shop.write({"gold/totals.sql": "SELECT region, COUNT(*) AS orders FROM silver.orders GROUP BY region"})
    shop.write({"bronze/outside.yaml": f"from: csv\nurl: {shop.root}/outside/*.csv\n"})
    shutil.rmtree(shop.lake / "gold" / "region_sizes")
    before = shop.snapshot("lake")

    run = {each["table"]: each for each in shop.json("plan")["run"]}

    codes = {name: [reason["code"] for reason in each["reasons"]] for name, each in run.items()}
    assert codes == {
        "bronze.orders": ["pending_batch"],
        "bronze.outside": ["missing"],
        "silver.orders": ["upstream_runs"],
        "silver.by_region": ["upstream_runs"],
        "gold.totals": ["code_changed", "upstream_runs"],
        "gold.region_sizes": ["missing"],
    }
    order = list(run)
    assert order.index("bronze.orders") < order.index("silver.orders") < order.index("gold.totals")
    assert run["silver.by_region"]["partitions"] == []  # which ones is known when its input has run
    assert shop.snapshot("lake") == before


def test_an_input_that_is_newer_and_partitions_that_are_stale(shop: Shop) -> None:
    shop.land("b.csv", "5,north,1.00")
    shop.cli("run", "bronze.orders")
    run = {each["table"]: each for each in shop.json("plan", "group:silver")["run"]}
    assert [reason["code"] for reason in run["silver.orders"]["reasons"]] == ["upstream_newer"]
    assert [reason["code"] for reason in run["silver.by_region"]["reasons"]] == ["stale_partitions"]
    assert run["silver.by_region"]["partitions"] == ["east", "north", "south"]
    assert "gold.totals" not in run


def test_a_table_that_failed_is_planned_again(shop: Shop) -> None:
    shop.write(
        {"gold/totals.sql": TABLES["gold/totals.sql"].replace("SUM(amount)", "CAST(MAX(region) AS INT)")}
    )
    failed = shop.cli("run", "gold.totals", code=1)
    assert "gold.totals failed." in failed.stderr
    shop.write({"gold/totals.sql": TABLES["gold/totals.sql"]})  # as it was published
    (totals,) = shop.json("plan")["run"]
    assert (totals["table"], [reason["code"] for reason in totals["reasons"]]) == (
        "gold.totals",
        ["failed_last"],
    )
