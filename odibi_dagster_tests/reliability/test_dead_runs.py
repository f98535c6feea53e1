import signal
import socket
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from odibi_dagster.reliability import dead_runs
from odibi_dagster.reliability.dead_runs import dead_run_sensor, sweep
from odibi_dagster_tests.reliability.kill import Command, kill_a_run, wait_until
from odibi_dagster_tests.reliability.project import everything


@pytest.mark.parametrize("kind", ["in_process", "multiprocess"])
def test_a_killed_run_is_failed_and_its_slots_are_free(
    box: Path, instance: dg.DagsterInstance, command: Command, kind: str
) -> None:
    instance.event_log_storage.set_concurrency_slots("bronze.orders", 1)
    kill_a_run(box, command, kind=kind)
    (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.STARTED
    # A slot like the one that a pool with the granularity `op` gives out.
    instance.event_log_storage.claim_concurrency_slot("bronze.orders", run.run_id, "bronze__orders")
    assert slots(instance) == 1

    assert sweep(instance) == [run.run_id]
    swept = instance.get_run_by_id(run.run_id)
    assert swept is not None
    assert swept.status is dg.DagsterRunStatus.FAILURE
    (event,) = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
    message = event.event_log_entry.message
    assert f"odibi-dagster resume {run.run_id}" in message
    assert "was killed" in message
    assert slots(instance) == 0
    assert sweep(instance) == []


def slots(instance: dg.DagsterInstance) -> int:
    return instance.event_log_storage.get_concurrency_info("bronze.orders").active_slot_count


def test_a_living_run_is_left_alone(box: Path, instance: dg.DagsterInstance, command: Command) -> None:
    (box / "bronze.orders").write_text("hang")
    started = command("key:bronze/orders")
    try:
        wait_until((box / "hanging").exists)
        assert sweep(instance) == []
    finally:
        started.kill()
        started.wait(timeout=10)


def test_the_next_command_sweeps(box: Path, instance: dg.DagsterInstance, command: Command) -> None:
    kill_a_run(box, command)
    (dead,) = instance.get_runs()
    assert dg.execute_job(dg.reconstructable(everything), instance).success
    found = instance.get_run_by_id(dead.run_id)
    assert found is not None
    assert found.status is dg.DagsterRunStatus.FAILURE


def test_the_sensor_sweeps_and_automation_goes_on(
    box: Path, instance: dg.DagsterInstance, command: Command
) -> None:
    """A dead run of bronze stops everything downstream; found dead and run again, it does not."""
    from odibi_dagster.assets.automation import condition

    bronze, silver = dg.AssetKey(["bronze", "orders"]), dg.AssetKey(["silver", "orders"])

    @dg.asset(key=bronze)
    def upstream(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        return dg.MaterializeResult(data_version=dg.DataVersion(context.run.run_id))

    @dg.asset(key=silver, deps=[bronze], automation_condition=condition("eager", ancestors=[bronze]))
    def downstream() -> None: ...

    defs = dg.Definitions([upstream, downstream])
    dg.materialize([upstream, downstream], instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance)
    kill_a_run(box, command)

    dg.materialize([upstream], instance=instance)  # new data, and then the killed run's remains
    instance.report_dagster_event(*planned_again(instance, bronze))
    tick = dg.evaluate_automation_conditions(defs, instance, cursor=tick.cursor)
    assert tick.total_requested == 0

    context = dg.build_sensor_context(instance)
    skipped = dead_run_sensor()(context)
    assert isinstance(skipped, dg.SkipReason)
    assert "Marked as failed" in str(skipped.skip_message)
    tick = dg.evaluate_automation_conditions(defs, instance, cursor=tick.cursor)
    assert tick.total_requested == 0  # the input's last run failed: still not on old data
    dg.materialize([upstream], instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, cursor=tick.cursor)
    assert tick.get_requested_partitions(silver) == {None}
    assert "No dead run" in str(dead_run_sensor()(context).skip_message)


def planned_again(instance: dg.DagsterInstance, key: dg.AssetKey) -> tuple[object, str]:
    """The event that makes the killed run the asset's latest planned one."""
    from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent

    (dead,) = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    event = DagsterEvent.build_asset_materialization_planned_event(
        dead.job_name, "bronze__orders", AssetMaterializationPlannedData(key)
    )
    return event, dead.run_id


def test_a_run_whose_tags_are_its_parents_is_left_alone(box: Path, instance: dg.DagsterInstance) -> None:
    """Dagster copies a run's tags to its re-executions: the dead parent's process is not the child's."""
    dead = {"odibi/host": socket.gethostname(), "odibi/pid": "1", "odibi/started": "1e12"}
    child = instance.create_run_for_job(
        everything(), tags={**dead, "odibi/run": "the parent"}, status=dg.DagsterRunStatus.STARTED
    )
    assert sweep(instance) == []
    instance.add_run_tags(child.run_id, {"odibi/run": child.run_id})
    assert sweep(instance) == [child.run_id]


def test_another_hosts_run_is_left_alone(box: Path, instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(everything(), status=dg.DagsterRunStatus.STARTED)
    tags = {"odibi/host": "elsewhere", "odibi/pid": "1", "odibi/started": "1e12", "odibi/run": run.run_id}
    instance.add_run_tags(run.run_id, tags)
    assert sweep(instance) == []


def test_a_run_that_ended_meanwhile_is_left_alone(
    box: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = dg.execute_job(dg.reconstructable(everything), instance)
    ended = instance.get_run_by_id(result.run_id)
    assert ended is not None
    stale = ended.with_status(dg.DagsterRunStatus.STARTED)
    monkeypatch.setattr(instance, "get_runs", lambda filters: [stale])
    monkeypatch.setattr(dead_runs, "is_gone", lambda run_id, tags: True)
    assert sweep(instance) == []


KILLED_AT_BIRTH = """
import os, signal, sys
import dagster as dg
from odibi_dagster.reliability import executor
from odibi_dagster_tests.reliability.project import everything

executor.process_tags = lambda run_id: os.kill(os.getpid(), signal.SIGKILL)
with dg.DagsterInstance.get() as instance:
    dg.execute_job(dg.reconstructable(everything), instance)
"""


def test_a_run_killed_before_it_could_write_its_tags_is_found(
    box: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_BIRTH], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.STARTED
    assert sweep(instance) == []  # it may be about to write them
    monkeypatch.setattr(dead_runs, "_UNSTAMPED_SECONDS", 0.0)
    assert sweep(instance) == [run.run_id]


def test_a_run_of_another_executor_in_this_process_is_left_alone(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_runs, "_UNSTAMPED_SECONDS", 0.0)
    swept: list[list[str]] = []

    @dg.asset
    def one() -> None:
        swept.append(sweep(instance))

    assert dg.materialize([one], instance=instance).success
    assert swept == [[]]


def test_what_is_not_dagsters_public_interface_is_there(instance: dg.DagsterInstance) -> None:
    """Used here and not promised by Dagster: a new version that lacks one must fail loudly."""
    for name in "report_run_failed", "add_run_tags", "get_records_for_run", "get_run_step_stats":
        assert callable(getattr(instance, name))
    assert callable(instance.report_engine_event)
    assert callable(instance.event_log_storage.free_concurrency_slots_for_run)
    assert isinstance(instance.root_directory, str)
    assert dg.in_process_executor.executor_creation_fn is not None
    assert dg.multiprocess_executor.executor_creation_fn is not None
    from dagster._cli.utils import TMP_DAGSTER_HOME_PREFIX
    from dagster._core.storage.tags import ASSET_RESUME_RETRY_TAG, RESUME_RETRY_TAG

    from odibi_dagster.reliability import executor

    assert executor._THROWN_AWAY == TMP_DAGSTER_HOME_PREFIX
    assert executor._RESUMES == (RESUME_RETRY_TAG, ASSET_RESUME_RETRY_TAG)
