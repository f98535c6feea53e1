from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from odibi_dagster.home import ensure_home
from odibi_dagster_tests.reliability import project

ROOT = Path(__file__).resolve().parents[2]
MODULE = "odibi_dagster_tests.reliability.project"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tests tell the project's assets what to do, and read what they did."""
    folder = tmp_path / "box"
    folder.mkdir()
    monkeypatch.setenv("ODIBI_TEST_BOX", str(folder))
    monkeypatch.setattr(project, "BOX", folder)
    return folder


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A persistent instance in its own home, which child processes share."""
    home = ensure_home(tmp_path / "home")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as opened:
        yield opened


@pytest.fixture
def command(box: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `dagster asset materialize` on the project, in its own process."""

    def start(select: str, *, kind: str = "in_process", cwd: Path = ROOT) -> subprocess.Popen[str]:
        environment = {**os.environ, "ODIBI_TEST_EXECUTOR": kind, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-m", "dagster", "asset", "materialize", "-m", MODULE, "--select", select],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start
