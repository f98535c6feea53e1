from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import psutil
import pytest

from odibi_dagster.errors import ConfigError
from odibi_dagster.reliability.executor import odibi_executor
from odibi_dagster.reliability.pins import pins
from odibi_dagster_tests.reliability import project
from odibi_dagster_tests.reliability.daemon import MODULE, daemon
from odibi_dagster_tests.reliability.kill import wait_until
from odibi_dagster_tests.reliability.project import everything, noted

Command = Callable[..., subprocess.Popen[str]]


def run_everything(instance: dg.DagsterInstance, **options: object) -> dg.DagsterRun:
    result = dg.execute_job(dg.reconstructable(everything), instance, **options)  # type: ignore[arg-type]
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    return run


def test_a_run_says_where_it_lives_before_its_first_step(box: Path, instance: dg.DagsterInstance) -> None:
    run = run_everything(instance)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert run.tags["odibi/host"] == socket.gethostname()
    assert run.tags["odibi/pid"] == str(os.getpid())
    assert run.tags["odibi/run"] == run.run_id
    assert float(run.tags["odibi/started"]) > 0


@pytest.mark.parametrize("kind", ["in_process", "multiprocess"])
def test_the_command_line_pins_what_it_does_not_make(
    box: Path, instance: dg.DagsterInstance, command: Command, kind: str
) -> None:
    (box / "versions").write_text('{"bronze.orders": 4, "bronze.customers": 7, "silver.orders": 2}')
    started = command("key:silver/orders or key:gold/metrics", kind=kind)
    output = started.communicate(timeout=120)[0]
    assert started.returncode == 0, output
    assert noted(box, "selected") == [["gold/metrics", "silver/orders"]]
    pinned = {"bronze.orders": 4, "bronze.customers": 7}
    assert noted(box, "pins") == [["orders", pinned], ["metrics", pinned]]
    (run,) = instance.get_runs()
    assert run.tags["odibi/pid"] == str(started.pid)
    assert pins(instance, run.run_id) == pinned
    assert "THROWN AWAY" not in output


def test_code_and_the_multiprocess_executor_pin_too(
    box: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box / "versions").write_text('{"bronze.orders": 4}')
    run = run_everything(instance, asset_selection=[dg.AssetKey(["silver", "orders"])])
    assert noted(box, "selected") == [["silver/orders"]]
    assert pins(instance, run.run_id) == {"bronze.orders": 4}


def test_three_hundred_tables_fit_and_no_tag_is_too_long_for_postgresql(
    box: Path, instance: dg.DagsterInstance
) -> None:
    many = {f"silver.a_rather_long_name_of_a_table_{n:04}": 10_000 + n for n in range(300)}
    (box / "versions").write_text(json.dumps(many))
    run = run_everything(instance)
    assert pins(instance, run.run_id) == many
    assert max(len(value) for key, value in run.tags.items() if key.startswith("odibi/inputs")) <= 2100


def test_a_rerun_is_pinned_anew(box: Path, instance: dg.DagsterInstance) -> None:
    (box / "versions").write_text(json.dumps({f"silver.t{n}": n for n in range(300)}))
    parent = run_everything(instance)
    (box / "versions").write_text('{"silver.t1": 1000}')
    again = dg.execute_job(
        dg.reconstructable(everything),
        instance,
        reexecution_options=dg.ReexecutionOptions(parent.run_id),
        tags={key: value for key, value in parent.tags.items() if key.startswith("odibi/")},
    )
    assert pins(instance, again.run_id) == {"silver.t1": 1000}


def test_from_failure_keeps_the_parents_pins_and_reads_what_it_published(
    box: Path, instance: dg.DagsterInstance
) -> None:
    (box / "versions").write_text('{"elsewhere.t": 3}')
    (box / "publishes").write_text("5")
    (box / "silver.orders").write_text("fail")
    parent = run_everything(instance)
    assert parent.status is dg.DagsterRunStatus.FAILURE

    # Meanwhile another run publishes bronze again, and another input moves on.
    (box / "versions").write_text('{"elsewhere.t": 4, "bronze.orders": 9, "bronze.customers": 9}')
    (box / "silver.orders").unlink()
    (box / "gold.metrics").write_text("fail")
    (box / "publishes").write_text("6")
    resumed = resume(instance, parent.run_id)
    assert resumed.status is dg.DagsterRunStatus.FAILURE
    assert noted(box, "selected")[-1] == ["gold/metrics", "silver/orders"]
    first = {"elsewhere.t": 3, "bronze.orders": 5, "bronze.customers": 5}
    assert pins(instance, resumed.run_id) == first

    (box / "gold.metrics").unlink()
    (box / "versions").write_text('{"elsewhere.t": 5, "silver.orders": 99}')
    last = resume(instance, resumed.run_id)
    assert last.status is dg.DagsterRunStatus.SUCCESS
    assert pins(instance, last.run_id) == {**first, "silver.orders": 6}


def test_running_steps_again_that_had_succeeded_is_pinned_anew(
    box: Path, instance: dg.DagsterInstance
) -> None:
    (box / "versions").write_text('{"elsewhere.t": 3}')
    parent = run_everything(instance)
    (box / "versions").write_text('{"elsewhere.t": 4}')
    options = dg.ReexecutionOptions(parent.run_id, step_selection=["silver__orders"])
    again = dg.execute_job(dg.reconstructable(everything), instance, reexecution_options=options)
    assert pins(instance, again.run_id) == {"elsewhere.t": 4}


def resume(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    return run_everything(instance, reexecution_options=dg.ReexecutionOptions.from_failure(run_id, instance))


def test_the_daemons_resume_keeps_the_parents_pins(box: Path, instance: dg.DagsterInstance) -> None:
    """The daemon and the UI say in a tag that a run goes on from a failure, and copy the parent's tags."""
    (box / "versions").write_text('{"elsewhere.t": 3}')
    (box / "bronze.orders").write_text("fail")
    parent = run_everything(instance)
    (box / "bronze.orders").unlink()
    (box / "versions").write_text('{"elsewhere.t": 4}')
    again = run_everything(
        instance,
        reexecution_options=dg.ReexecutionOptions(parent.run_id),
        tags={**parent.tags, "dagster/is_asset_resume_retry": "true"},
    )
    assert pins(instance, again.run_id)["elsewhere.t"] == 3


def test_a_run_that_the_daemon_launches_is_pinned(box: Path, instance: dg.DagsterInstance) -> None:
    (box / "versions").write_text('{"elsewhere.t": 3}')
    with daemon(box) as process:
        launch = [sys.executable, "-m", "dagster", "job", "launch", "-m", MODULE, "-j", "everything"]
        subprocess.run(launch, check=True, capture_output=True, cwd=Path(__file__).parents[2])
        wait_until(lambda: instance.get_runs()[0].is_finished or process.poll() is not None, 120)
    (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert pins(instance, run.run_id) == {"elsewhere.t": 3}
    assert run.tags["odibi/pid"] not in (str(process.pid), str(os.getpid()))


def test_copied_tags_are_not_pins(box: Path, instance: dg.DagsterInstance) -> None:
    """A queued re-execution carries its parent's tags until it starts."""
    (box / "versions").write_text('{"silver.t": 1}')
    parent = run_everything(instance)
    child = instance.create_run_for_job(everything(), tags=dict(parent.tags))
    assert child.tags["odibi/inputs"]
    assert pins(instance, child.run_id) == {}


def test_a_pin_that_raises_fails_the_run_before_any_step(
    box: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box / "versions").write_text("no json")
    run = run_everything(instance)
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert not (box / "pins").exists()


def test_before_sees_the_run_as_it_will_be(instance: dg.DagsterInstance, box: Path) -> None:
    seen: list[dict[str, str]] = []

    def before(where: dg.DagsterInstance, run: dg.DagsterRun) -> None:
        assert where is instance
        seen.append(dict(run.tags))

    executor = odibi_executor(pin=lambda keys: {"a.b": 1}, before=before)
    job = dg.define_asset_job("one", executor_def=executor)
    defs = dg.Definitions(
        [project.table("bronze", "orders")], jobs=[job], resources={"nothing": project.Nothing()}
    )
    run = instance.create_run_for_job(defs.resolve_job_def("one"))
    list(dg._core.execution.api.execute_run_iterator(_as_job(defs.resolve_job_def("one")), run, instance))
    assert seen[0]["odibi/inputs"] == '{"a.b": 1}'
    assert seen[0]["odibi/pid"] == str(os.getpid())


def _as_job(job: dg.JobDefinition) -> object:
    from dagster._core.definitions.job_base import InMemoryJob

    return InMemoryJob(job)


def test_without_a_home_the_run_says_that_its_history_is_thrown_away(
    box: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    started = command("key:bronze/orders", cwd=tmp_path)
    output = started.communicate(timeout=120)[0]
    assert started.returncode == 0, output
    assert "HISTORY OF THIS RUN IS THROWN AWAY" in output
    assert "export DAGSTER_HOME=" in output


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="Unknown executor 'threads'"):
        odibi_executor("threads", pin=lambda keys: {})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="max_concurrent"):
        odibi_executor("in_process", pin=lambda keys: {}, max_concurrent=3)
    with pytest.raises(ConfigError, match="max_concurrent"):
        odibi_executor("multiprocess", pin=lambda keys: {}, max_concurrent=0)


def test_the_start_in_the_tags_is_this_processs(box: Path, instance: dg.DagsterInstance) -> None:
    from odibi_dagster.reliability.process import is_gone, is_running

    run = run_everything(instance)
    started = float(run.tags["odibi/started"])
    assert is_running(os.getpid(), started)
    assert not is_running(os.getpid(), started - 60)  # the id is used again by a younger process
    assert not is_gone(run.run_id, run.tags)
    assert is_gone(run.run_id, {**run.tags, "odibi/started": "1e12"})
    assert not is_gone("another run", {**run.tags, "odibi/started": "1e12"})
    assert not is_gone(run.run_id, {**run.tags, "odibi/started": "1e12", "odibi/host": "elsewhere"})
    assert psutil.pid_exists(os.getpid())
