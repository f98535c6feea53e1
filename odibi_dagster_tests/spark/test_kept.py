"""What a session keeps is read once, is the version that was asked for, and is given back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from odibi_dagster.build import build_engine
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.spark.engine import SparkEngine
from odibi_dagster.errors import ConfigError, OdibiError
from odibi_dagster.project import load_project
from odibi_dagster.spark import session
from odibi_dagster.spark.resource import spark_resource
from odibi_dagster.spark.settings import Settings
from odibi_dagster_tests.engines.spark.lake import Lake, query, sorted_rows
from odibi_dagster_tests.services.spark import Connect

TEN = "SELECT range::INTEGER AS id FROM range(10)"
SOME = "SELECT id FROM silver.out WHERE id > 2"


@pytest.fixture(params=["classic", "connect"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    if request.param == "classic":
        request.getfixturevalue("spark")
        settings = Settings()
    else:
        server: Connect = request.getfixturevalue("connect")
        monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
        settings = Settings(remote=server.url)
    session.hold()
    yield settings
    session.release()


def lake(folder: Path, settings: Settings, *keep: str) -> Lake:
    engine = SparkEngine(
        spark=spark_resource(settings),  # type: ignore[arg-type]
        local=PandasEngine(threads=1),  # type: ignore[arg-type]
        keep=list(keep),
    )
    return Lake(folder, engine)


def step(lake: Lake, source: object) -> int:
    """How many rows a table has that is made of the input."""
    with lake.session({"silver.out": source}, table="gold.x") as work:
        staged = work.stage(query(work, SOME))
        assert len(sorted_rows(work, work.staged(staged), ["id"])) == staged.rows
        return int(staged.rows)


def test_the_files_are_read_once_in_a_run(tmp_path: Path, settings: Settings) -> None:
    kept = lake(tmp_path / "lake", settings, "silver.out")
    staged = kept.make(TEN)
    first = kept.files(staged)
    assert step(kept, first) == 7
    for file in staged.files:
        os.remove(Path(kept.url("silver.out")) / file.path)
    assert step(kept, first) == 7
    assert step(kept, first) == 7
    session.release()
    session.hold()
    with pytest.raises(OdibiError):  # the next run has nothing of it
        step(kept, first)


def test_another_version_is_another_table(tmp_path: Path, settings: Settings) -> None:
    kept = lake(tmp_path / "lake", settings, "silver.out")
    first = kept.files(kept.make(TEN))
    assert step(kept, first) == 7
    more = pa.table({"id": pa.array([10, 11], pa.int32())})
    write_deltalake(kept.url("silver.out"), more, mode="append")
    assert step(kept, replace(first, version=1)) == 9
    assert step(kept, first) == 7


def test_a_table_that_is_not_there_cannot_be_kept(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: local-spark\nspark:\n  keep: [silver.order]\n")
    with pytest.raises(ConfigError, match=r"(?s)mine\.yaml.*keep.*silver\.order,.*`silver\.orders`"):
        load_project(str(file))
    file.write_text("extends: local-spark\nspark:\n  keep: [silver/orders]\n")
    engine = build_engine(load_project(str(file)))
    assert isinstance(engine, SparkEngine) and engine.keep == ["silver.orders"]


def test_what_is_not_to_be_kept_is_read_each_time(tmp_path: Path, settings: Settings) -> None:
    plain = lake(tmp_path / "lake", settings, "silver.other")
    staged = plain.make(TEN)
    first = plain.files(staged)
    assert step(plain, first) == 7
    for file in staged.files:
        os.remove(Path(plain.url("silver.out")) / file.path)
    with pytest.raises(OdibiError):
        step(plain, first)
