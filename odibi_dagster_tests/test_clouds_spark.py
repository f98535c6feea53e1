"""The shipped cloud environments on Spark: Dagster's own command, and each engine goes on from the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from odibi_dagster.demo import generate, more_orders
from odibi_dagster_tests.clouds import Cloud, new_cloud
from odibi_dagster_tests.oracle import TYPES, differences, expected_checks, expected_tables
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

#: Instants, and what is made of them.
_WHEN = ("processed_at", "snapshot_at", "year", "month", "day")
_DELTA = {"bigint": "long", "int": "integer"}


# A run on Spark is slow to begin and slow to go on: S3 has the tables that one of gold is made of.
@pytest.mark.parametrize(
    ("name", "tables", "count"), [("azure", "*", 12), ("aws", "+key:gold/customer_summary", 8)]
)
def test_spark_then_pandas_then_spark(
    name: str, tables: str, count: int, azurite: Azurite, seaweedfs: SeaweedFS, tmp_path: Path
) -> None:
    by_pandas = new_cloud(name, tmp_path / name, azurite, seaweedfs)
    # The compiler of hot code does not pay for itself in so short a run.
    java = {"ODIBI_ENV": f"{name}-spark", "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
    by_spark = replace(by_pandas, variables={**by_pandas.variables, **java})
    local = tmp_path / "landing"
    generate(local, customers=60, orders=300, products=20)
    by_spark.land(local)
    by_spark.materialize(tables)
    with dg.DagsterInstance.from_config(str(by_spark.home)) as instance:
        first = _said(by_spark, instance)
        assert len(first["described"]) == count
        _as_worked_out(by_spark, local, first["described"].keys() & TYPES)
        wanted = expected_checks(local)
        assert first["checks"] == {each: wanted[each] for each in wanted if each[0] in first["described"]}
        below = f"key:bronze/orders+ and ({tables})"
        for batch, cloud, select in ((2, by_pandas, below), (3, by_spark, "key:bronze/orders")):
            file = more_orders(local, 10, seed=batch, customers=60, products=20)
            cloud.landed.write(f"raw/orders/2024/{file.name}", file.read_bytes())
            before = cloud.table("bronze.orders").version()
            cloud.materialize(select)
            taken = [row for row in cloud.rows("bronze.orders") if row["_batch"] == batch]
            assert len(taken) == 10 and {row["_file"].rpartition("/")[2] for row in taken} == {file.name}
            assert cloud.table("bronze.orders").version() == before + 1
            now = _said(cloud, instance)
            _as_worked_out(cloud, local, now["described"].keys() & {"silver.orders", "gold.customer_summary"})
            for table, what in now["described"].items():
                assert what == first["described"][table], table
                assert [name for name in first["names"] if name[0] == table] == [
                    name for name in now["names"] if name[0] == table
                ]


def _as_worked_out(cloud: Cloud, landing: Path, tables: Iterable[str]) -> None:
    """Rows and types are those that plain Python makes of the landed files."""
    expected = expected_tables(landing, datetime.now(UTC))
    for table in sorted(tables):
        assert differences(expected[table], cloud.rows(table), ignoring=_WHEN) == [], table
        types = {field.name: field.type.type for field in cloud.table(table).schema().fields}
        assert types == {name: _DELTA.get(kind, kind) for name, kind in TYPES[table].items()}


def _said(cloud: Cloud, instance: dg.DagsterInstance) -> dict[str, Any]:
    """What the newest run says of its tables, held against the tables themselves where they know it."""
    (run,) = instance.get_runs(limit=1)
    assert run.status == dg.DagsterRunStatus.SUCCESS
    said: dict[str, Any] = {"described": {}, "names": [], "checks": {}}
    for entry in instance.all_logs(run.run_id):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check: Any = event.event_specific_data
            key = ".".join(check.asset_key.path)
            said["names"].append((key, check.check_name))
            if not check.passed:
                said["checks"][key, check.check_name] = check.metadata["violations"].value
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            key = ".".join(event.asset_key.path)  # type: ignore[union-attr]
            if key.startswith("landing."):  # what a table took of a source: files, no Delta table
                continue
            made = event.step_materialization_data.materialization
            metadata: dict[str, Any] = {name: value.value for name, value in made.metadata.items()}
            adds = cloud.table(key).get_add_actions(flatten=True)
            assert metadata["version"] == cloud.table(key).version()
            assert metadata["dagster/row_count"] == sum(adds["num_records"].to_pylist())
            assert metadata["bytes"] == sum(adds["size_bytes"].to_pylist())
            for read, version in (metadata.get("inputs") or {}).items():
                assert version == cloud.table(read).version(), (key, read)
            wanted = ("dagster/column_schema", "dagster/column_lineage", "dagster/uri")
            said["described"][key] = {name: metadata.get(name) for name in wanted}
    return said
