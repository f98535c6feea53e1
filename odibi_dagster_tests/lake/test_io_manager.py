"""Dagster's door to the lake, for plain assets too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator

from odibi_dagster.build import build_defs
from odibi_dagster.home import ensure_home
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import LocalDisk, Server
from odibi_dagster_tests.stores import stores_of

#: Where the store matters: what is published, pinned, found again, and cleaned up.
ON_STORES = pytest.mark.parametrize("lake", ["local", "azurite", "seaweedfs"], indirect=True)


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    name = getattr(request, "param", "local")
    server: Server | None = None if name == "local" else request.getfixturevalue(name)
    lake = Lake.create(tmp_path / "lake", server)
    for variable, value in lake.variables.items():
        monkeypatch.setenv(variable, value)
    lake.land(1)
    with using(stores_of(server or LocalDisk(str(tmp_path)))):
        yield lake


@pytest.fixture
def instance(lake: Lake) -> Iterator[dg.DagsterInstance]:
    ensure_home(os.environ["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as opened:
        yield opened


def materialize(
    instance: dg.DagsterInstance, *assets: dg.AssetsDefinition, keys: list[str], wanted: bool = True
) -> str:
    """Runs tables by name with the platform's own executor; the run's id."""
    defs = dg.Definitions.merge(build_defs(), dg.Definitions(list(assets)))
    job = dg.define_asset_job("wanted", dg.AssetSelection.assets(*(key.split(".") for key in keys)))
    defs = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
    resolved = defs.resolve_job_def("wanted")
    run = instance.create_run_for_job(resolved)
    list(execute_run_iterator(InMemoryJob(resolved), run, instance))
    ended = instance.get_run_by_id(run.run_id)
    assert ended and (ended.status is dg.DagsterRunStatus.SUCCESS) == wanted
    return run.run_id


def materialized(instance: dg.DagsterInstance, table: str) -> dict[str, Any]:
    event = instance.get_latest_materialization_event(dg.AssetKey(table.split(".")))
    assert event and event.asset_materialization
    made = event.asset_materialization
    values = {name: value.value for name, value in made.metadata.items()}
    return {**values, "data_version": (made.tags or {})["dagster/data_version"]}


@dg.asset(key=["gold", "plain"], io_manager_key="lake")
def plain() -> pd.DataFrame:
    return pd.DataFrame({"id": [1, 2], "name": ["a", None]})


@dg.asset(
    key=["gold", "reader"],
    io_manager_key="lake",
    ins={"given": dg.AssetIn(key=["gold", "plain"], input_manager_key="lake")},
)
def reader(given: pd.DataFrame) -> pd.DataFrame:
    return given[["id"]]


@ON_STORES
def test_a_plain_asset_that_returns_pandas_is_published(lake: Lake, instance: dg.DagsterInstance) -> None:
    run_id = materialize(instance, plain, reader, keys=["gold.plain", "gold.reader"])
    assert lake.rows("gold.plain", "id, name") == [(1, "a"), (2, None)]
    assert lake.rows("gold.reader", "id") == [(1,), (2,)]
    said = materialized(instance, "gold.plain")
    log = Table(lake.place, "gold.plain").log()
    assert said["version"] == 0 and said["dagster/row_count"] == 2 and said["rows_added"] == 2
    assert said["data_version"] == f"{log.table_id}@0"
    assert [column.name for column in said["dagster/column_schema"].columns] == ["id", "name"]
    assert said["dagster/uri"] == lake.url("gold.plain") and run_id


def test_an_asset_that_returns_nothing_is_told(lake: Lake, instance: dg.DagsterInstance) -> None:
    @dg.asset(key=["gold", "nothing"], io_manager_key="lake")
    def nothing() -> Any:
        return None

    run_id = materialize(instance, nothing, keys=["gold.nothing"], wanted=False)
    assert "The asset returned None." in told(instance, run_id)


def test_a_key_that_is_no_table_is_told(lake: Lake, instance: dg.DagsterInstance) -> None:
    @dg.asset(key=["lonely"], io_manager_key="lake")
    def lonely() -> pd.DataFrame:
        return pd.DataFrame({"id": [1]})

    run_id = materialize(instance, lonely, keys=["lonely"], wanted=False)
    assert "lonely is no table of the lake" in told(instance, run_id)


def test_an_input_that_was_never_published_is_told(lake: Lake, instance: dg.DagsterInstance) -> None:
    run_id = materialize(instance, plain, reader, keys=["gold.reader"], wanted=False)
    said = told(instance, run_id)
    assert "gold.plain has never been published" in said and "--select 'key:gold/plain'" in said


def told(instance: dg.DagsterInstance, run_id: str) -> str:
    entries = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event]
    errors = [event.step_failure_data.error for event in entries if event.is_step_failure]
    assert len(errors) == 1 and errors[0] is not None
    return str(errors[0].to_string())


@ON_STORES
def test_inputs_stay_at_the_version_of_the_runs_start(lake: Lake, instance: dg.DagsterInstance) -> None:
    """A table outside of the run moves on meanwhile: all steps read the version that was there before."""
    outside = Table(lake.place, "silver.outside")
    outside.publish("SELECT 1::BIGINT AS id")

    @dg.asset(key=["gold", "mover"], io_manager_key="lake")
    def mover() -> pd.DataFrame:
        outside.publish("SELECT 2::BIGINT AS id")
        return pd.DataFrame({"id": [0]})

    @dg.asset(
        key=["gold", "late"],
        io_manager_key="lake",
        deps=[mover],
        ins={"given": dg.AssetIn(key=["silver", "outside"], input_manager_key="lake")},
    )
    def late(given: pd.DataFrame) -> pd.DataFrame:
        return given

    lake.define("silver/outside.sql", "SELECT order_id AS id FROM bronze.orders")
    keys = ["gold.mover", "gold.late"]
    lake.define("gold/reads.sql", "SELECT id FROM silver.outside")
    materialize(instance, mover, late, keys=[*keys, "gold.reads"])
    assert outside.rows() == [(2,)]
    assert lake.rows("gold.reads", "id") == [(1,)]
    assert lake.rows("gold.late", "id") == [(1,)]


def test_what_the_run_published_is_read_by_the_run(lake: Lake, instance: dg.DagsterInstance) -> None:
    other = Table(lake.place, "gold.plain")

    @dg.asset(key=["gold", "mover"], io_manager_key="lake", deps=[plain])
    def mover() -> pd.DataFrame:
        other.publish("SELECT 7::BIGINT AS id, 'z' AS name")
        return pd.DataFrame({"id": [0]})

    @dg.asset(
        key=["gold", "late"],
        io_manager_key="lake",
        deps=[mover],
        ins={"given": dg.AssetIn(key=["gold", "plain"], input_manager_key="lake")},
    )
    def late(given: pd.DataFrame) -> pd.DataFrame:
        return given[["id"]]

    materialize(instance, plain, mover, late, keys=["gold.plain", "gold.mover", "gold.late"])
    assert lake.rows("gold.late", "id") == [(1,), (2,)]


def test_nothing_pending_moves_no_data_version(lake: Lake, instance: dg.DagsterInstance) -> None:
    keys = ["bronze.orders", "silver.states"]
    materialize(instance, keys=keys)
    before = {key: materialized(instance, key) for key in keys}
    materialize(instance, keys=keys)
    after = {key: materialized(instance, key) for key in keys}
    for key in keys:
        assert after[key]["data_version"] == before[key]["data_version"]
        assert after[key]["version"] == before[key]["version"]
        assert after[key]["rows_added"] == 0 and before[key]["rows_added"] > 0
    lake.land(2)
    materialize(instance, keys=keys)
    assert all(materialized(instance, key)["data_version"] != after[key]["data_version"] for key in keys)


@ON_STORES
def test_a_failing_expectation_publishes_nothing_and_leaves_no_files(
    lake: Lake, instance: dg.DagsterInstance
) -> None:
    sql = "SELECT order_id FROM bronze.orders"
    lake.define("silver/strict.sql", f"/*\nexpect:\n  never: {{sql: order_id < 0, on_fail: fail}}\n*/\n{sql}")
    materialize(instance, keys=["bronze.orders"])
    run_id = materialize(instance, keys=["silver.strict"], wanted=False)
    assert "nothing was published" in told(instance, run_id)
    assert lake.table("silver.strict").paths() == []


def test_a_broken_contract_leaves_no_files(lake: Lake, instance: dg.DagsterInstance) -> None:
    """Whatever fails behind the staging and before the commit gives its room back."""
    contract = "/*\ncolumns: {order_id: {type: bigint, nullable: false}}\n*/"
    lake.define(
        "silver/strict.sql", f"{contract}\nSELECT NULLIF(order_id, order_id) AS order_id FROM bronze.orders"
    )
    materialize(instance, keys=["bronze.orders"])
    run_id = materialize(instance, keys=["silver.strict"], wanted=False)
    assert "declared nullable: false" in told(instance, run_id)
    assert lake.table("silver.strict").paths() == []


PARTITIONED = """/*
kind: partition
partition_by: [order_date]
partitions: {daily: {start: 2024-01-01, column: order_date}}
*/
SELECT order_id, order_date FROM bronze.orders
WHERE order_date >= :partition_start AND order_date < :partition_end
"""
