"""Lakes that are made once and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import run
from odibi_dagster_tests.lake.table import Table


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two files have landed, nothing has run."""
    lake = Lake.create(tmp_path_factory.mktemp("fresh") / "lake")
    lake.land(1)
    lake.land(2)
    return lake


@pytest.fixture(scope="session")
def grown(fresh: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Everything has run once, and another file has landed."""
    lake = fresh.copy(tmp_path_factory.mktemp("grown") / "lake")
    run(lake)
    lake.land(3)
    return lake


@pytest.fixture(scope="session")
def never_killed(grown: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """`grown`, run to its end without a kill: what the others must come to."""
    lake = grown.copy(tmp_path_factory.mktemp("never-killed") / "lake")
    run(lake)
    return lake


@pytest.fixture
def lake(grown: Lake, tmp_path: Path) -> Lake:
    return grown.copy(tmp_path / "lake")


@pytest.fixture
def new_lake(fresh: Lake, tmp_path: Path) -> Lake:
    return fresh.copy(tmp_path / "lake")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)
