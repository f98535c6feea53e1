import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from odibi_dagster.reliability.dead_runs import sweep
from odibi_dagster.reliability.hooks import Report
from odibi_dagster.reliability.tell import run_failure_sensor, tell
from odibi_dagster_tests.reliability.daemon import daemon
from odibi_dagster_tests.reliability.kill import Command, kill_a_run, wait_until
from odibi_dagster_tests.reliability.project import HOOKS, everything, noted


def reports(box: Path) -> list[Any]:
    return noted(box, "told") if (box / "told").exists() else []


def tick(instance: dg.DagsterInstance, run_id: str) -> None:
    """What the daemon does for a failed run."""
    run = instance.get_run_by_id(run_id)
    assert run is not None
    (record,) = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
    event = record.event_log_entry.dagster_event
    assert event is not None
    context = dg.build_run_status_sensor_context("tell_failures", event, instance, run)
    run_failure_sensor(HOOKS)(context.for_run_failure())


@pytest.mark.parametrize("kind", ["in_process", "multiprocess"])
def test_a_failed_table_is_told_once_without_and_with_a_daemon(
    box: Path, instance: dg.DagsterInstance, command: Command, kind: str
) -> None:
    (box / "bronze.orders").write_text("full disk")
    (box / "bronze.customers").write_text("full disk")  # two steps that fail together
    started = command("*", kind=kind)
    output = started.communicate(timeout=120)[0]
    assert started.returncode != 0
    (run,) = instance.get_runs()
    told = sorted(reports(box), key=lambda report: report["table"])
    assert [report["table"] for report in told] == ["bronze.customers", "bronze.orders"], output
    assert told[1] == {
        "event": "table_failed",
        "table": "bronze.orders",
        "run": run.run_id,
        "class": "storage",
        "message": told[1]["message"],
        "attempt": 1,
        "remedy": "Free some space on the disk, or point the folder at another one; then resume the run.",
    }
    assert "No space left on device" in told[1]["message"]

    tick(instance, run.run_id)
    tick(instance, run.run_id)
    assert len(reports(box)) == 2


def test_the_last_attempt_is_told_and_not_the_first(box: Path, instance: dg.DagsterInstance) -> None:
    (box / "bronze.orders").write_text("flaky")
    assert not dg.execute_job(dg.reconstructable(everything), instance).success
    (report,) = reports(box)
    assert (report["class"], report["attempt"]) == ("transient", 2)
    assert report["message"] == "ConnectionResetError: the other side hung up"


def test_a_killed_run_is_told_by_the_daemon(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    kill_a_run(box, command)
    (run_id,) = sweep(instance)
    assert reports(box) == []
    tick(instance, run_id)
    tick(instance, run_id)
    (report,) = reports(box)
    assert (report["event"], report["table"], report["class"]) == ("table_failed", "bronze.orders", "crash")
    assert report["remedy"] == f"odibi-dagster resume {run_id}"
    assert "was killed" in report["message"]


def test_the_next_command_tells_of_a_killed_run(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    kill_a_run(box, command)
    (dead,) = instance.get_runs()
    assert dg.execute_job(dg.reconstructable(everything), instance).success
    (report,) = reports(box)
    assert (report["run"], report["table"], report["class"]) == (dead.run_id, "bronze.orders", "crash")
    tick(instance, dead.run_id)
    assert len(reports(box)) == 1


TELL = """
import json, logging, sys
import dagster as dg
from odibi_dagster.reliability.hooks import parse_hooks
from odibi_dagster.reliability.tell import tell

hooks = parse_hooks([{"call": "odibi_dagster_tests.reliability.project:" + sys.argv[2]}])
with dg.DagsterInstance.get() as instance:
    print("ready", flush=True)
    sys.stdin.read(2)
    print(tell(instance, hooks, json.loads(sys.argv[1]), log=logging.getLogger()))
"""


def test_of_several_processes_one_tells(box: Path, instance: dg.DagsterInstance) -> None:
    tellers = [teller(some_report(instance), "told_slowly") for _ in range(4)]
    for process in tellers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in tellers:
        assert process.stdin is not None
        process.stdin.write("go")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].strip() for process in tellers]
    assert sorted(said) == ["False", "False", "False", "True"]
    assert len(reports(box)) == 1


def test_what_a_killed_process_was_telling_is_told_again(box: Path, instance: dg.DagsterInstance) -> None:
    report = some_report(instance)
    killed = teller(report, "dies_telling")
    killed.communicate("go", timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert tell(instance, HOOKS, report, log=logging.getLogger())
    assert not tell(instance, HOOKS, report, log=logging.getLogger())
    assert reports(box) == [report]


def some_report(instance: dg.DagsterInstance) -> Report:
    runs = instance.get_runs()
    run = runs[0] if runs else instance.create_run_for_job(everything())
    return {
        "event": "table_failed",
        "table": "silver.orders",
        "run": run.run_id,
        "class": "data",
        "message": "x",
        "attempt": 1,
        "remedy": "",
    }


def teller(report: Report, function: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TELL, json.dumps(report), function],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_of_a_dead_run_what_it_was_at_work_on_is_told(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    """Not what it had finished, and not what it had not begun."""
    (box / "silver.orders").write_text("die")
    started = command("*")
    started.communicate(timeout=120)
    assert started.returncode == -signal.SIGKILL
    (run_id,) = sweep(instance)
    tick(instance, run_id)
    assert [report["table"] for report in reports(box)] == ["silver.orders"]


def test_a_step_process_that_dies_is_told_by_the_daemon(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    (box / "bronze.orders").write_text("die")
    command("key:bronze/orders", kind="multiprocess").communicate(timeout=120)
    (run,) = instance.get_runs()
    assert reports(box) == []
    tick(instance, run.run_id)
    (report,) = reports(box)
    assert (report["table"], report["class"], report["attempt"]) == ("bronze.orders", "crash", 2)


def test_a_run_that_fails_before_its_first_step_is_told(box: Path, instance: dg.DagsterInstance) -> None:
    (box / "versions").write_text("no json")
    result = dg.execute_job(dg.reconstructable(everything), instance)
    tick(instance, result.run_id)
    tick(instance, result.run_id)
    (report,) = reports(box)
    assert (report["event"], report["table"], report["run"]) == ("run_failed", "", result.run_id)
    assert "JSONDecodeError" in report["message"]


def test_a_real_daemon_finds_and_tells_a_killed_command(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    kill_a_run(box, command)
    (run,) = instance.get_runs()
    with daemon(box) as process:
        wait_until(lambda: bool(reports(box)) or process.poll() is not None, 120)
    (report,) = reports(box)
    assert (report["run"], report["class"]) == (run.run_id, "crash")
