"""Every failure is told to the hooks once: from the run's own process, or by the daemon for one that died."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from odibi_dagster.reliability.hooks import Hook, Report, call_hooks
from odibi_dagster.reliability.report import events, report_of_step, reports_of_run

if TYPE_CHECKING:
    from dagster._core.events import DagsterEvent

_TOLD = "odibi/told"  # the key in the metadata of the engine event that says what has been told


def failure_hook(table: str, hooks: Sequence[Hook]) -> dg.HookDefinition:
    """Return the Dagster hook for a table's step that tells the environment's hooks when it fails.

    It works without a daemon and runs after the last attempt, in the step's process.

    Args:
        table: "layer.table".
        hooks: who is told.
    """

    @dg.failure_hook(name="tell_hooks")
    def tell_hooks(context: dg.HookContext) -> None:
        report = report_of_step(
            context.instance, context.run_id, context.step_key, table, context.op_exception
        )
        tell(context.instance, hooks, report, log=context.log)

    return tell_hooks


def run_failure_sensor(hooks: Sequence[Hook], *, running: bool = True) -> dg.SensorDefinition:
    """Return the sensor that tells the hooks what no step could tell: steps and runs whose process died.

    It watches all code locations, because runs from the command line belong to none; what the failure hook
    has told already is not told again.

    Args:
        hooks: who is told.
        running: whether the sensor is on until somebody turns it off.
    """
    status = dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED

    @dg.run_failure_sensor(
        name="tell_failures",
        monitor_all_code_locations=True,
        default_status=status,
        description="Tells the hooks of the environment about failures, each once.",
    )
    def tell_failures(context: dg.RunFailureSensorContext) -> None:
        tell_run(context.instance, hooks, context.dagster_run, context.failure_event, log=context.log)

    return tell_failures


def tell_run(
    instance: dg.DagsterInstance,
    hooks: Sequence[Hook],
    run: dg.DagsterRun,
    failure: DagsterEvent,
    *,
    log: logging.Logger,
) -> None:
    """Tell the hooks of every failure of a failed run that has not been told.

    Args:
        instance: where the run is recorded.
        hooks: who is told.
        run: the failed run.
        failure: its failure event.
        log: where a hook's own failure is told.
    """
    for report in reports_of_run(instance, run, failure):
        tell(instance, hooks, report, log=log)


def tell(instance: dg.DagsterInstance, hooks: Sequence[Hook], report: Report, *, log: logging.Logger) -> bool:
    """Tell the hooks of one failure, unless the run's events say that it has been told; return whether.

    What is told is remembered as an event of the run and not as a tag: Dagster rewrites all tags of a run at
    once, and of two steps that fail together one tag would be lost. The event follows the call, so that a
    process that dies in between is told of twice and not never.

    Args:
        instance: where the run is recorded.
        hooks: who is told.
        report: the failure.
        log: where a hook's own failure is told.
    """
    if not hooks or (report["event"], report["table"]) in _told(instance, report["run"]):
        return False
    call_hooks(hooks, report, log=log)
    _remember(instance, report)
    return True


def _told(instance: dg.DagsterInstance, run_id: str) -> set[tuple[str, str]]:
    told = set()
    for event in events(instance, run_id, dg.DagsterEventType.ENGINE_EVENT):
        mark = event.engine_event_data.metadata.get(_TOLD)
        if mark is not None and isinstance(mark.value, Mapping):
            told.add((str(mark.value["event"]), str(mark.value["table"])))
    return told


def _remember(instance: dg.DagsterInstance, report: Report) -> None:
    from dagster._core.events import EngineEventData

    run = instance.get_run_by_id(report["run"])
    if run is None:
        return
    mark = {_TOLD: dg.MetadataValue.json({"event": report["event"], "table": report["table"]})}
    about = report["table"] or "the run"
    instance.report_engine_event(f"The hooks were told that {about} failed.", run, EngineEventData(mark))
