"""Every failure is told to the hooks once: from the run's own process, or by the daemon for one that died."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from odibi_dagster.reliability.hooks import Hook, Report, call_hooks
from odibi_dagster.reliability.process import is_gone, process_tags
from odibi_dagster.reliability.report import events, report_of_step, reports_of_run

if TYPE_CHECKING:
    from dagster._core.events import DagsterEvent

_MARK = "odibi/telling"  # the metadata key of the events that say who tells what


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
    """Tell the hooks of one failure, unless that was done or another process is doing it; return whether.

    Who tells is settled by events of the run, of which Dagster only ever adds: the first to claim tells; a
    claim whose process died before it was done counts for nothing. (Not by tags: Dagster rewrites all tags
    of a run at once, and of two steps that fail together one tag would be lost.)

    Args:
        instance: where the run is recorded.
        hooks: who is told.
        report: the failure.
        log: where a hook's own failure is told.
    """
    if not hooks or _is_told(instance, report):
        return False
    claim = uuid.uuid4().hex
    _note(instance, report, f"Telling the hooks that {_about(report)} failed.", {"claim": claim})
    if not _is_ours(instance, report, claim):
        return False
    call_hooks(hooks, report, log=log)
    _note(instance, report, f"The hooks were told that {_about(report)} failed.", {"told": claim})
    return True


def _is_told(instance: dg.DagsterInstance, report: Report) -> bool:
    return any("told" in mark for mark in _marks(instance, report))


def _is_ours(instance: dg.DagsterInstance, report: Report, claim: str) -> bool:
    for mark in _marks(instance, report):
        if mark.get("claim") == claim:
            return True
        if "told" in mark or not is_gone(report["run"], mark):
            return False
    return False


def _marks(instance: dg.DagsterInstance, report: Report) -> list[dict[str, str]]:
    """What the run's events say about telling this failure, oldest first."""
    found = []
    for event in events(instance, report["run"], dg.DagsterEventType.ENGINE_EVENT):
        mark = event.engine_event_data.metadata.get(_MARK)
        if mark is not None and isinstance(mark.value, Mapping):
            said = {str(key): str(value) for key, value in mark.value.items()}
            if (said["event"], said["table"]) == (report["event"], report["table"]):
                found.append(said)
    return found


def _note(instance: dg.DagsterInstance, report: Report, message: str, mark: Mapping[str, str]) -> None:
    from dagster._core.events import EngineEventData

    about = {"event": report["event"], "table": report["table"], **process_tags(report["run"]), **mark}
    data = EngineEventData({_MARK: dg.MetadataValue.json(about)})
    instance.report_engine_event(message, instance.get_run_by_id(report["run"]), data)


def _about(report: Report) -> str:
    return report["table"] or "the run"
