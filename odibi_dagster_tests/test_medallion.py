"""The shipped tables, materialized with Dagster's own command, hold what plain Python works out."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.oracle import TYPES, differences, expected_checks, expected_tables

DELTA = {"bigint": "long", "int": "integer"}


@pytest.fixture(scope="module")
def expected(demo_lake: Lake) -> dict[str, list[dict[str, object]]]:
    return expected_tables(str(demo_lake.landing), datetime.now(UTC))


@pytest.mark.parametrize("table", sorted(TYPES))
def test_rows_and_types_are_the_oracles(
    demo_lake: Lake, expected: dict[str, list[dict[str, object]]], table: str
) -> None:
    ignoring = ("processed_at", "snapshot_at", "year", "month", "day")
    assert differences(expected[table], demo_lake.rows(table), ignoring=ignoring) == []
    wanted = {name: DELTA.get(kind, kind) for name, kind in TYPES[table].items()}
    assert demo_lake.columns(table) == wanted


def test_checks_count_what_the_oracle_counts(demo_lake: Lake) -> None:
    broken = {}
    with dg.DagsterInstance.from_config(str(demo_lake.home)) as instance:
        for record in instance.get_event_records(
            dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        ):
            evaluation = record.event_log_entry.dagster_event.event_specific_data  # type: ignore[union-attr]
            if not evaluation.passed:
                table = ".".join(evaluation.asset_key.path)
                broken[table, evaluation.check_name] = evaluation.metadata["violations"].value
    assert broken == expected_checks(str(demo_lake.landing))


def test_lineage_leads_from_gold_to_bronze(demo_lake: Lake) -> None:
    with dg.DagsterInstance.from_config(str(demo_lake.home)) as instance:
        seen = {}
        for table in ("gold/customer_metrics", "silver/orders", "silver/customer_orders"):
            event = instance.get_latest_materialization_event(dg.AssetKey(table.split("/")))
            assert event is not None and event.asset_materialization is not None
            metadata = event.asset_materialization.metadata
            seen[table] = metadata["dagster/column_lineage"].value.deps_by_column
            assert metadata["dagster/row_count"].value > 0
            assert metadata["bytes"].value > 0
            assert metadata["dagster/column_schema"].value.columns[0].description
    gold = seen["gold/customer_metrics"]["total_spent"]
    assert [(d.asset_key.to_user_string(), d.column_name) for d in gold] == [("silver/orders", "amount")]
    silver = seen["silver/orders"]["amount"]
    assert [(d.asset_key.to_user_string(), d.column_name) for d in silver] == [("bronze/orders", "amount")]


def test_running_again_takes_nothing_twice(own_demo_lake: Lake, demo_lake: Lake) -> None:
    before = {key: own_demo_lake.table(key).version() for key in ("bronze.orders", "gold.category_snapshots")}
    own_demo_lake.materialize("key:bronze/orders")
    assert own_demo_lake.table("bronze.orders").version() == before["bronze.orders"]
    own_demo_lake.materialize("key:gold/category_snapshots")
    assert own_demo_lake.table("gold.category_snapshots").version() == before["gold.category_snapshots"]
    assert len(own_demo_lake.rows("bronze.orders")) == len(demo_lake.rows("bronze.orders"))


def test_a_landed_file_is_taken_exactly(own_demo_lake: Lake) -> None:
    from odibi_dagster.demo import more_orders

    before = len(own_demo_lake.rows("bronze.orders"))
    path = more_orders(str(own_demo_lake.landing), 123, seed=42)
    own_demo_lake.materialize("key:bronze/orders")
    rows = own_demo_lake.rows("bronze.orders")
    assert len(rows) == before + 123
    assert [row["_batch"] for row in rows if row["_file"].endswith(path.name)] == [2] * 123
