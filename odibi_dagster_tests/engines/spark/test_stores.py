"""What Spark stages on a store is taken over file by file, whatever its partitions are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from odibi_dagster.build import build_engine
from odibi_dagster.errors import DataError
from odibi_dagster.project import load_project
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.engines.pandas.lake import Lake, ask
from odibi_dagster_tests.engines.spark.lake import sorted_rows
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = [
    "a b",
    "a/b",
    "ü€ 日本",
    "100%",
    "x=y",
    "1+1",
    "q?#",
    "it's",
    "b\\s",
    "c:d",
    "{e}*[f]",
    "%20",
    "~",
    None,
]
LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")


@pytest.mark.parametrize("name", ["azurite", "seaweedfs"])
def test_folders_of_any_name(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, spark: SparkSession
) -> None:
    server: Azurite | SeaweedFS = request.getfixturevalue(name)
    place = Place(server, server.url("any name"))
    document: dict[str, Any] = {"engine": "spark", "stores": [server.store_section()]}
    document["layers"] = {layer: f"{place.url}/{layer}" for layer in LAYERS}
    (tmp_path / "env.yaml").write_text(json.dumps(document))
    project = load_project(str(tmp_path / "env.yaml"))
    with using(project.environment.stores):
        by_spark: Any = build_engine(project)
        _taken_over(by_spark, build_engine(project, "pandas"), place / "silver")
        if server.provider == "azure":
            with pytest.raises(DataError, match="ends with a dot"):
                _dotted(by_spark, f"{place.url}/dotted")
        by_spark.spark.teardown_after_execution(None)


def _dotted(engine: Any, url: str) -> None:
    """Azure would cut such a name, and two partitions could be one."""
    with engine.session({}, url, table="silver.dotted") as session:
        frame = session.spark.sql("SELECT 1 AS id, 'and so on...' AS k")
        session.stage(session.call(lambda: frame), ("k",))


def _taken_over(engine: Any, other: Any, place: Place) -> None:
    table = place / "out"
    rows = [(number, value, number % 2 == 0 or None) for number, value in enumerate(NAMES * 2)]
    with engine.session({}, table.url, table="silver.out") as session:
        frame = session.spark.createDataFrame(rows, "id int, k string, even boolean")
        relation = session.call(lambda: frame.selectExpr("id", "k", "even", "DATE '0999-12-31' AS d"))
        staged = session.stage(relation, ("k", "even", "d"))
        kept = session.drop(staged, "id = 27")
    assert {file.partition["k"] for file in kept.files} == {*NAMES}
    # Hadoop leaves markers where it made folders: objects without bytes and without an ending.
    there = {path for path in table.paths() if "." in path.rpartition("/")[2]}
    assert there == {file.path for file in kept.files}, "data files, and nothing else"
    lake = Lake(Path("/"), other, table.server.delta_options())
    published = lake.publish(kept)
    found = ask(published, "SELECT id, k, even, d FROM t ORDER BY id")
    assert [(row["id"], row["k"], row["even"]) for row in found] == rows[:-1]
    for each in (engine, other):
        files = lake.files(kept)
        with each.session({"silver.out": files}, f"{place.url}/x", table="gold.x") as session:
            again = sorted_rows(session, session.read("silver.out"), ["id", "k", "even", "d"])
            assert [(row["id"], row["k"], row["even"]) for row in again] == rows[:-1]
            assert {str(row["d"]) for row in again} == {"0999-12-31"}
