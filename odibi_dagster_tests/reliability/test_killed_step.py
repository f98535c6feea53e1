"""A step's own process is killed in the middle of its table; the run tries it again, rows are there once."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from odibi_dagster_tests.cli.shop import Shop

ENVIRONMENT = """
layers:
  landing: ${ODIBI_LAKE}/landing
  bronze: ${ODIBI_LAKE}/bronze
  silver: ${ODIBI_LAKE}/silver
  gold: ${ODIBI_LAKE}/gold
  checkpoints: ${ODIBI_LAKE}/checkpoints
executor: {kind: multiprocess, max_concurrent: 1}
retry: {max_retries: 1, delay: 0s}
"""

#: The first time, its own process is killed when it comes to the commit, or when that is done.
EVENTS = '''
"""
kind: append
columns: {n: {type: bigint}}
"""
import os
import signal
from pathlib import Path

import pandas as pd

from odibi_dagster_tests.guarantees.points import Point

FLAG = Path(os.environ["KILLED"])


def kill() -> None:
    FLAG.write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGKILL)


def events() -> pd.DataFrame:
    if not FLAG.exists():
        Point("odibi_dagster.lake.publish", "send", os.environ["WHEN"]).install(kill)
    return pd.DataFrame({"n": [1, 2, 3]})
'''


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_step_killed_at_its_commit_is_tried_again_and_its_rows_are_there_once(
    tmp_path: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, flag = Shop(tmp_path / "shop"), tmp_path / "killed"
    shop.write({"bronze/events.py": EVENTS})
    (shop.root / "environment.yaml").write_text(ENVIRONMENT)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    monkeypatch.setenv("KILLED", str(flag))
    monkeypatch.setenv("WHEN", when)
    run = shop.with_environment("environment.yaml").json("run", "bronze.events")
    assert flag.exists() and run["success"] and len(run["run_ids"]) == 1
    table = DeltaTable(str(shop.lake / "bronze" / "events"))
    assert sum(table.get_add_actions(flatten=True).column("num_records").to_pylist()) == 3
    assert table.version() == 0  # one commit
