"""What a failure is about: the reports that hooks receive, from exceptions and from a run's events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from odibi_dagster.errors import OdibiError
from odibi_dagster.reliability.classify import classify
from odibi_dagster.reliability.hooks import Report

if TYPE_CHECKING:
    from dagster._core.events import DagsterEvent
    from dagster._core.execution.plan.objects import StepFailureData


def report_of_step(
    instance: dg.DagsterInstance, run_id: str, step: str, table: str, error: BaseException | None
) -> Report:
    """Return the report of a step that fails in this process.

    Args:
        instance: where the run is recorded.
        run_id: the run.
        step: the step's key.
        table: "layer.table".
        error: what the step raised.
    """
    return {
        "event": "table_failed",
        "table": table,
        "run": run_id,
        "class": _class(error),
        "message": _message(error),
        "attempt": _attempt(instance, run_id, step),
        "remedy": _remedy(error),
    }


def reports_of_run(instance: dg.DagsterInstance, run: dg.DagsterRun, failure: DagsterEvent) -> list[Report]:
    """Return one report for each table that failed in a failed run, or one for the run when none did.

    Args:
        instance: where the run is recorded.
        run: the failed run.
        failure: its failure event.
    """
    tables = _tables(instance, run.run_id)
    failed = events(instance, run.run_id, dg.DagsterEventType.STEP_FAILURE)
    return [report for event in failed for report in _of_step(instance, run, event, tables)] or list(
        _of_run(instance, run, failure, tables)
    )


def events(instance: dg.DagsterInstance, run_id: str, of_type: dg.DagsterEventType) -> Sequence[DagsterEvent]:
    """Return a run's events of one type, oldest first."""
    records = instance.get_records_for_run(run_id, of_type=of_type).records
    return [event for record in records if (event := record.event_log_entry.dagster_event)]


def _of_step(
    instance: dg.DagsterInstance, run: dg.DagsterRun, event: DagsterEvent, tables: Mapping[str, Sequence[str]]
) -> Iterator[Report]:
    data: StepFailureData = event.step_failure_data
    step = event.step_key or ""
    given = data.user_failure_data.metadata if data.user_failure_data else {}
    for table in tables.get(step, (step,)):
        yield {
            "event": "table_failed",
            "table": table,
            "run": run.run_id,
            "class": _text(given.get("kind")) or classify(data.error),
            "message": _text_of(data),
            "attempt": _attempt(instance, run.run_id, step),
            "remedy": _text(given.get("remedy")),
        }


def _of_run(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    failure: DagsterEvent,
    tables: Mapping[str, Sequence[str]],
) -> Iterator[Report]:
    """A run that failed outside its steps: its process died, or it failed before the first step."""
    error = failure.job_failure_data.error if failure.event_specific_data else None
    unfinished = _unfinished(instance, run.run_id, tables) if error is None else []
    message = error.message.strip() if error else (failure.message or "The run has failed.")
    remedy = f"odibi-dagster resume {run.run_id}" if error is None else ""
    for table, step in unfinished or [("", "")]:
        yield {
            "event": "table_failed" if table else "run_failed",
            "table": table,
            "run": run.run_id,
            "class": classify(error),
            "message": message,
            "attempt": _attempt(instance, run.run_id, step) if step else 1,
            "remedy": remedy,
        }


def _unfinished(
    instance: dg.DagsterInstance, run_id: str, tables: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """The tables, with their steps, that a dead run was at work on.

    A dead process has no failure event. What it had begun and not ended it was at work on; if it had begun
    nothing, then all that was planned and not materialized.
    """
    types = dg.DagsterEventType
    begun = {event.step_key for event in events(instance, run_id, types.STEP_START)}
    ended = {event.step_key for event in events(instance, run_id, types.STEP_SUCCESS)}
    made = {
        ".".join(event.asset_key.path)
        for event in events(instance, run_id, types.ASSET_MATERIALIZATION)
        if event.asset_key
    }
    due = [(table, step) for step, names in tables.items() for table in names if step not in ended]
    at_work = [(table, step) for table, step in due if step in begun]
    return at_work or [(table, step) for table, step in due if table not in made]


def _tables(instance: dg.DagsterInstance, run_id: str) -> dict[str, list[str]]:
    """The tables that each step of a run was to make or to check."""
    types = dg.DagsterEventType
    found: dict[str, list[str]] = {}
    planned = events(instance, run_id, types.ASSET_MATERIALIZATION_PLANNED)
    for event in [*planned, *events(instance, run_id, types.ASSET_CHECK_EVALUATION_PLANNED)]:
        data = event.event_specific_data
        key = getattr(data, "asset_key", None)
        if event.step_key and key is not None:
            names = found.setdefault(event.step_key, [])
            if (name := ".".join(key.path)) not in names:
                names.append(name)
    return found


def _attempt(instance: dg.DagsterInstance, run_id: str, step: str) -> int:
    retries = events(instance, run_id, dg.DagsterEventType.STEP_UP_FOR_RETRY)
    return 1 + sum(event.step_key == step for event in retries)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _class(error: BaseException | None) -> str:
    for link in _causes(error):
        if isinstance(link, dg.Failure) and (kind := _text(link.metadata.get("kind"))):
            return kind
    return classify(error)


def _message(error: BaseException | None) -> str:
    for link in _causes(error):
        if isinstance(link, dg.Failure) and link.description:
            return link.description
    return f"{type(error).__name__}: {error}" if error is not None else "The step has failed."


def _remedy(error: BaseException | None) -> str:
    for link in _causes(error):
        if isinstance(link, dg.Failure) and (remedy := _text(link.metadata.get("remedy"))):
            return remedy
        if isinstance(link, OdibiError):
            return link.remedy
    return ""


def _text_of(data: StepFailureData) -> str:
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "The step has failed."


def _text(value: object) -> str:
    """The text of a metadata value, which is wrapped in an event and bare in an exception's."""
    inner = getattr(value, "value", value)
    return inner if isinstance(inner, str) else ""
