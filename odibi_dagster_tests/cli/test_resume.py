"""`odibi-dagster resume` without a run, and what a command does with runs that it finds dead."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import create_run_for_test

from odibi_dagster.reliability.tags import HOST, PID, RUN, STARTED
from odibi_dagster_tests.cli.shop import Shop

HOOKS = """
layers:
  landing: ${ODIBI_LAKE}/landing
  bronze: ${ODIBI_LAKE}/bronze
  silver: ${ODIBI_LAKE}/silver
  gold: ${ODIBI_LAKE}/gold
  checkpoints: ${ODIBI_LAKE}/checkpoints
hooks:
  - call: told:told
"""
TOLD = """
import json


def told(report):
    with open("told.json", "a") as file:
        file.write(json.dumps(report) + "\\n")
"""
WRONG = """/*
expect: {there_is_none: {sql: amount < 0, on_fail: fail}}
*/
SELECT order_id, amount FROM silver.orders
"""


def test_what_is_still_due_of_several_runs_is_gone_on_with(shop: Shop) -> None:
    names = ["gold.first", "gold.second", "gold.third"]
    shop.write({f"{name.replace('.', '/')}.sql": WRONG for name in names})
    ids = [shop.json("run", name, code=1)["run_ids"][0] for name in names]
    right = WRONG.replace("amount < 0", "amount > 0")
    shop.write({f"{name.replace('.', '/')}.sql": right for name in names})
    assert shop.json("run", "gold.second")["success"]  # by hand: a newer run, so nothing of it is due
    resumed = shop.cli("resume", "--json")
    done = json.loads(resumed.stdout)
    assert done["succeeded"] == ["gold.first", "gold.third"] and done["success"]
    assert [line for line in resumed.stderr.splitlines() if line.startswith("Going on")] == [
        f"Going on with run {ids[0][:8]}: gold.first",
        f"Going on with run {ids[2][:8]}: gold.third",
    ]
    assert "Nothing to do" in shop.cli("resume").stdout


def test_hooks_are_told_of_a_dead_run_once(made: Shop, tmp_path: Path) -> None:
    shop = made.copy(tmp_path / "shop").with_environment("environment.yaml")
    (shop.root / "environment.yaml").write_text(HOOKS)
    (shop.root / "told.py").write_text(TOLD)
    with dg.DagsterInstance.from_config(str(shop.home)) as instance:
        run = create_run_for_test(instance, job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED)
        gone = {RUN: run.run_id, HOST: socket.gethostname(), PID: str(2**22 + 1), STARTED: "1.0"}
        instance.add_run_tags(run.run_id, gone)
    for _ in range(2):
        shop.cli("plan", "bronze.orders")
    (report,) = [json.loads(line) for line in (shop.root / "told.json").read_text().splitlines()]
    assert (report["event"], report["run"]) == ("run_failed", run.run_id)
