"""Lakes that are made once and copied for each test, on the local disk unless a test asks for more stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import Lakes
from odibi_dagster_tests.guarantees.processes import run
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import Place, Server


@pytest.fixture(scope="session")
def all_lakes() -> dict[str, Lakes]:
    """One maker of lakes for each store, in whatever order the tests want them."""
    return {}


@pytest.fixture
def lakes(
    request: pytest.FixtureRequest, all_lakes: dict[str, Lakes], tmp_path_factory: pytest.TempPathFactory
) -> Lakes:
    """Where lakes are made: `on_stores` gives a test other stores than the local disk."""
    name = getattr(request, "param", "local")
    if name not in all_lakes:
        store, _, engine = name.partition("-")
        server = None if store == "local" else request.getfixturevalue(store)
        remote = request.getfixturevalue("connect").url if engine else None
        all_lakes[name] = Lakes(tmp_path_factory.mktemp(name), server, remote)
    return all_lakes[name]


@pytest.fixture(scope="session")
def never_killed(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake that has grown and run to its end without a kill: what the others must come to, on any store."""
    folder = tmp_path_factory.mktemp("never-killed")
    lake = Lakes(folder).grown(folder / "lake")
    run(lake)
    return lake


@pytest.fixture
def lake(lakes: Lakes, tmp_path: Path) -> Lake:
    """Everything has run once, and another file has landed."""
    return lakes.grown(tmp_path / "lake")


@pytest.fixture
def new_lake(lakes: Lakes, tmp_path: Path) -> Lake:
    """Two files have landed, nothing has run."""
    return lakes.fresh(tmp_path / "lake")


@pytest.fixture
def table(store: Server) -> Table:
    return Table(Place(store, store.url()))
