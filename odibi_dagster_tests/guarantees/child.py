"""What runs in child processes: the project's definitions through Dagster, with a kill point installed."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import dagster as dg
from dagster._cli.asset import asset_cli

from odibi_dagster_tests.guarantees.points import Point, kill


def run(
    root: str,
    variables: Mapping[str, str],
    select: Sequence[str] | None = None,
    point: Point | None = None,
    prepare: Callable[[], None] | None = None,
    after: float | None = None,
    options: Sequence[str] = (),
) -> None:
    """`dagster asset materialize` of the project, in a process that was made for it.

    Args:
        root: the lake's folder; what the run came to is written to `results` there.
        variables: process variables.
        select: tables; None means all.
        point: where to be killed.
        prepare: a function of a test module, called first: it takes a guard away.
        after: be killed after so many seconds.
        options: further options of the command.
    """
    os.environ.update(variables)
    _quiet(root)
    if prepare:
        prepare()
    if point:
        point.install(kill)
    if after is not None:
        threading.Timer(after, kill).start()
    wanted = [f"key:{table.replace('.', '/')}" for table in select or ()]
    command = ["materialize", "-m", "odibi_dagster.definitions", "--select", " or ".join(wanted) or "*"]
    command += options
    try:
        asset_cli(command, standalone_mode=False)
        code = 0
    except click.ClickException as error:
        print(error)
        code = 1
    with dg.DagsterInstance.get() as instance:
        _say(root, _report(instance, code == 0))
    sys.stdout.flush()
    os._exit(code)


def _report(instance: dg.DagsterInstance, success: bool) -> dict[str, Any]:
    runs = instance.get_runs()
    mine = next(run.run_id for run in runs if run.tags.get("odibi/pid") == str(os.getpid()))
    events = [entry.dagster_event for entry in instance.all_logs(mine) if entry.dagster_event]
    checks = [event.asset_check_evaluation_data for event in events if event.event_type_value == CHECKED]
    return {
        "run": mine,
        "success": success,
        "errors": {e.step_key: _chain(e.step_failure_data.error) for e in events if e.is_step_failure},
        "runs": {run.run_id: run.status.value for run in runs},
        "checks": [[e.asset_key.to_user_string(), e.check_name, e.passed] for e in checks],
        "made": [e.asset_key.to_user_string() for e in events if e.is_step_materialization and e.asset_key],
    }


CHECKED = "ASSET_CHECK_EVALUATION"


def _chain(error: Any) -> str:
    lines = []
    while error is not None:
        lines.append(str(error.message))
        error = error.cause
    return "\n".join(lines)


def _say(root: str, said: dict[str, Any]) -> None:
    folder = Path(root, "results")
    folder.mkdir(exist_ok=True)
    part = folder / f".{os.getpid()}"
    part.write_text(json.dumps(said))
    part.rename(folder / f"{time.time_ns()}-{os.getpid()}.json")


def _quiet(root: str) -> None:
    """Dagster's log goes to a file: what a killed child said last is worth reading."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    target = os.open(f"{root}/child.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)
    random.seed()
