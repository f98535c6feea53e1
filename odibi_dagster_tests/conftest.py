"""Fixtures that several packages of tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from odibi_dagster.demo import generate
from odibi_dagster.storage.secrets import redaction
from odibi_dagster.storage.stores import Stores, using
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.azurite import azurite as start_azurite
from odibi_dagster_tests.services.juicefs import JuiceFS
from odibi_dagster_tests.services.juicefs import juicefs as start_juicefs
from odibi_dagster_tests.services.moto import Moto
from odibi_dagster_tests.services.moto import moto as start_moto
from odibi_dagster_tests.services.place import LocalDisk, Server
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.services.seaweedfs import seaweedfs as start_seaweedfs
from odibi_dagster_tests.services.spark import Connect, connect_server, spark_session
from odibi_dagster_tests.stores import stores_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.hookimpl(tryfirst=True)  # before the test processes read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several test processes share the work by files; all that asks Spark is in one, with one session.

    What is about Spark comes first: one long file at the end would leave the other processes idle.
    """
    groups = {item: "spark" if _asks_spark(item) else item.path.as_posix() for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (groups[item] != "spark", "spark" not in item.nodeid))


def _asks_spark(item: pytest.Item) -> bool:
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    named = any(isinstance(value, str) and value.endswith("-spark") for value in values)
    return named or bool({"spark", "connect"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(autouse=True)
def nothing_revealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with no secret known to this process, and leaves none behind that would be masked."""
    monkeypatch.setattr(redaction, "_forms", {})
    monkeypatch.setattr(redaction, "_public", set())
    monkeypatch.setattr(redaction, "_wanted", ())


@pytest.fixture(scope="session")
def demo_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The demo, materialized once with Dagster's own command. Read only: `own_demo_lake` is a copy."""
    lake = Lake(tmp_path_factory.mktemp("demo"))
    generate(str(lake.landing))
    lake.materialize("*")
    return lake


@pytest.fixture
def own_demo_lake(demo_lake: Lake, tmp_path: Path) -> Lake:
    """A copy of the demo lake that a test may change."""
    shutil.copytree(demo_lake.path, tmp_path / "lake", symlinks=True)
    shutil.copytree(demo_lake.home, tmp_path / "home", symlinks=True)
    return Lake(tmp_path)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Azure's storage for all tests: `azurite.url("name")` is a place of one's own."""
    with start_azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """S3 for all tests: `seaweedfs.url("name")` is a place of one's own."""
    with start_seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(autouse=True)
def own_stores() -> Iterator[None]:
    """Each test begins with no store known; the project that it loads is the process's for it alone."""
    with using(Stores()):
        yield


@pytest.fixture(params=["local", "azurite", "seaweedfs"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Each store in turn, and the process knows how to reach it.

    A test that means some alone says so: `@pytest.mark.parametrize("store", ["local"], indirect=True)`.
    """
    server: Server
    server = LocalDisk(str(tmp_path)) if request.param == "local" else request.getfixturevalue(request.param)
    with using(stores_of(server)):
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    """AWS' other services for all tests: queues, secrets, roles."""
    with start_moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def juicefs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JuiceFS]:
    """A gateway that ignores If-None-Match."""
    with start_juicefs(tmp_path_factory.mktemp("juicefs")) as server:
        yield server


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """This process's Spark with Delta, for all tests: the platform finds it and leaves it running."""
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="session")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    """A Spark Connect server with Delta, for all tests."""
    with connect_server(tmp_path_factory.mktemp("connect")) as server:
        yield server
