"""A run that goes on after a kill repeats its parent's writes; a new run makes its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import on_stores
from odibi_dagster_tests.guarantees.points import PUBLISH, Point
from odibi_dagster_tests.guarantees.processes import killed, run

TICKS = '''"""
kind: append
automation: manual
"""
import pandas as pd


def ticks() -> pd.DataFrame:
    return pd.DataFrame({"tick": [1]})
'''


def resume(lake: Lake) -> None:
    """The newest run, gone on with by the command a user has."""
    home = lake.variables["DAGSTER_HOME"]
    with dg.DagsterInstance.from_config(home) as instance:
        run_id = instance.get_runs(limit=1)[0].run_id
    command = [str(Path(sys.executable).parent / "odibi-dagster"), "resume", run_id]
    env = {**os.environ, **lake.variables}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@on_stores(["local", "seaweedfs"])
def test_a_source_function_killed_behind_its_commit_appends_once(lake: Lake) -> None:
    """It has no input versions to be recognized by: the run is its identity, and a resume is the same run."""
    (Path(lake.variables["ODIBI_TABLES"]) / "bronze" / "ticks.py").write_text(TICKS)
    killed(lake, point=Point(PUBLISH, "send", "after", "bronze.ticks"), select=["bronze.ticks"])
    assert lake.rows("bronze.ticks", "tick") == [(1,)]
    resume(lake)
    assert lake.rows("bronze.ticks", "tick") == [(1,)]
    run(lake, select=["bronze.ticks"])
    assert lake.rows("bronze.ticks", "tick") == [(1,), (1,)]


@on_stores(["local", "azurite"])
def test_a_landing_batch_is_taken_up_by_a_resume(lake: Lake) -> None:
    killed(lake, point=Point(PUBLISH, "send", "before", "bronze.orders"))
    resume(lake)
    assert lake.wrong() == []
