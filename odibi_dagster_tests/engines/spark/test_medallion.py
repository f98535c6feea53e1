"""The shipped tables on Spark are those of the pandas engine, and each engine goes on from the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
import pytest

from odibi_dagster.build import build_defs
from odibi_dagster.demo import generate
from odibi_dagster.project import load_project
from odibi_dagster_tests.lakes import Lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Columns that hold the time of a run, or follow from it.
RUN = {"_landed_at", "processed_at", "snapshot_at", "computed_at", "year", "month", "day"}


class Both:
    """One lake on which runs of either engine follow each other, in this process."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lake, self.patch = Lake(root), monkeypatch
        self.instance = dg.DagsterInstance.ephemeral()
        root.mkdir()
        (root / "spark.yaml").write_text("extends: local\nengine: spark\n")
        self.environments = {"pandas": "local", "spark": str(root / "spark.yaml")}

    def run(self, engine: str) -> dg.ExecuteInProcessResult:
        """Every table, computed by an engine."""
        self.patch.setenv("ODIBI_LAKE", str(self.lake.path))
        defs = build_defs(load_project(self.environments[engine]))
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=self.instance)
        assert result.success
        return result

    def tables(self) -> Iterator[str]:
        """The tables' names."""
        for log in sorted(self.lake.path.glob("*/*/_delta_log")):
            if log.parts[-3] in ("bronze", "silver", "gold"):
                yield ".".join(log.parts[-3:-1])

    def rows(self, key: str) -> list[str]:
        """A table's rows as delta-rs reads them, without what tells of the run."""
        return sorted(
            repr(sorted((name, value) for name, value in row.items() if name not in RUN))
            for row in self.lake.rows(key)
        )


def described(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """What the runs say of the tables: checks with their counts, schema, lineage, rows."""
    said: dict[str, Any] = {}
    for event in result.get_asset_check_evaluations():
        values = {name: value.value for name, value in event.metadata.items()}
        said[f"{event.asset_key.to_user_string()}:{event.check_name}"] = (event.passed, values)
    for materialized in result.get_asset_materialization_events():
        metadata = materialized.materialization.metadata
        kept = ("dagster/column_schema", "dagster/column_lineage", "dagster/row_count")
        said[materialized.asset_key.to_user_string()] = {name: metadata.get(name) for name in kept}
    return said


def test_the_shipped_tables(tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    by_spark, by_pandas = Both(tmp_path / "spark", monkeypatch), Both(tmp_path / "pandas", monkeypatch)
    said = []
    for lake, engine in ((by_spark, "spark"), (by_pandas, "pandas")):
        generate(str(lake.lake.landing))
        said.append(described(lake.run(engine)))
    assert list(by_spark.tables()) == list(by_pandas.tables()) and len(list(by_spark.tables())) == 12
    assert said[0] == said[1]
    _same(by_spark, by_pandas)
    # Each engine goes on where the other was: more orders land, and both lakes change hands.
    for lake in (by_spark, by_pandas):
        more_orders(lake.lake.landing)
    by_spark.run("pandas")
    by_pandas.run("spark")
    _same(by_spark, by_pandas)


def more_orders(landing: Path) -> None:
    """One file more: the orders of another, under numbers of their own."""
    first = min(landing.glob("raw/orders/2024/*.parquet"))
    orders = f"SELECT * REPLACE (order_id + 1000000 AS order_id) FROM '{first}'"
    duckdb.connect().sql(f"COPY ({orders}) TO '{first.parent}/z-more.parquet' (FORMAT parquet)")


def _same(one: Both, other: Both) -> None:
    for key in one.tables():
        assert one.rows(key) == other.rows(key), key
        schemas = [lake.lake.table(key).schema().to_json() for lake in (one, other)]
        assert schemas[0] == schemas[1], key
