"""Spark as a resource: one session a run, none for runs that need none, no secret in what Dagster shows."""

# Annotations are not postponed here: Dagster looks at them.

import json
from pathlib import Path

import dagster as dg
import pytest
from dagster_pyspark import LazyPySparkResource
from pyspark.sql import SparkSession

from odibi_dagster.build import build_defs
from odibi_dagster.project import load_project
from odibi_dagster.spark import session
from odibi_dagster.spark.resource import Spark, spark_resource
from odibi_dagster.spark.settings import Settings

LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")


def test_one_session_a_run_and_none_for_runs_that_need_none(spark: SparkSession) -> None:
    seen: list[object] = []
    session.close()  # other tests ask for it outside of runs

    class Engine(dg.ConfigurableResource):  # type: ignore[type-arg]
        spark: dg.ResourceDependency[Spark]

    def first(context: dg.AssetExecutionContext) -> None:
        assert not session.is_open(), "it is started by the first that uses it"
        seen.append(context.resources.engine.spark.spark_session)

    def second(context: dg.AssetExecutionContext) -> None:
        assert isinstance(context.resources.spark, LazyPySparkResource)
        seen.append(context.resources.spark.spark_session)
        assert context.resources.spark.spark_context is spark.sparkContext

    def third(context: dg.AssetExecutionContext) -> None:
        assert not session.is_open()

    resource = spark_resource(Settings())
    assets = [
        dg.asset(name="first", required_resource_keys={"engine"})(first),
        dg.asset(name="second", deps=["first"], required_resource_keys={"spark"})(second),
        dg.asset(name="third", required_resource_keys={"engine", "spark"})(third),
    ]
    defs = dg.Definitions(assets=assets, resources={"spark": resource, "engine": Engine(spark=resource)})
    job = defs.resolve_implicit_global_asset_job_def()
    for _ in range(2):
        done = job.execute_in_process(asset_selection=[dg.AssetKey("first"), dg.AssetKey("second")])
        assert done.success and not session.is_open(), "it is closed at the run's end"
    assert seen[0] is seen[1] and seen[2] is seen[3] and seen[0] is not seen[2]
    assert job.execute_in_process(asset_selection=[dg.AssetKey("third")]).success
    assert spark.range(2).count() == 2


def environment(folder: Path, **more: object) -> Path:
    file = folder / "mine.yaml"
    layers = {layer: str(folder / layer) for layer in LAYERS}
    file.write_text(json.dumps({"layers": layers, **more}))
    (folder / "tables/gold").mkdir(parents=True, exist_ok=True)
    return file


def test_no_page_of_dagster_shows_what_is_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster._core.remote_representation.external_data import RepositorySnap

    config = {"spark.shop.pin": "${PIN}", "spark.shop.size": "4"}
    file = environment(
        tmp_path, engine="spark", spark={"remote": "sc://host/;token=${PIN}", "config": config}
    )
    monkeypatch.setenv("PIN", "pin-4711")
    project = load_project(str(file), tmp_path / "tables")
    repository = build_defs(project).get_repository_def()
    shown = dg.serialize_value(RepositorySnap.from_def(repository))
    assert "spark.shop.size" in shown and "pin-4711" not in shown


def test_a_function_may_ask_for_the_session(tmp_path: Path) -> None:
    file = environment(tmp_path, spark={"config": {"spark.sql.shuffle.partitions": 3}})
    (tmp_path / "tables/gold/five.py").write_text("def five(spark):\n    return spark\n")
    project = load_project(str(file), tmp_path / "tables")
    defs = build_defs(project)
    assert isinstance((defs.resources or {})["spark"], Spark)
