"""The end of `run` and `resume`: what failed and why, in full, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odibi_dagster.cli import console

if TYPE_CHECKING:
    import dagster as dg

    from odibi_dagster.cli.runs import Outcome

#: What Dagster logs of each step whose inputs failed; the table's own line says so.
_SKIPPED = "Dependencies for step "


def summary(outcome: Outcome, seconds: float) -> str:
    """One line: how many tables, and how it ended."""
    numbers = {status: len(outcome.of(status)) for status in ("succeeded", "failed", "skipped", "current")}
    told = ", ".join(f"{number} {status}" for status, number in numbers.items() if number)
    runs = ", ".join(run_id[:8] for run_id in outcome.run_ids)
    ran = f"; {'run' if len(outcome.run_ids) == 1 else 'runs'} {runs}" if runs else ""
    return f"{console.plural(len(outcome.tables), 'table')}: {told or 'none run'}, {seconds:.1f} s{ran}"


def complaints(outcome: Outcome, instance: dg.DagsterInstance) -> list[str]:
    """Everything that went wrong, for stderr: warnings that steps logged, errors, and how to go on."""
    told = [*warnings(outcome, instance)]
    told += [f"\n{name} failed.\n{error}" for name, error in outcome.errors.items()]
    if outcome.error and outcome.error not in outcome.errors.values():
        told.append(f"\n{outcome.error}")
    if not outcome.success and outcome.run_ids:
        failed = _failed_run(outcome, instance)
        if failed:
            told.append(
                f"\nWhen it is mended, go on with that run: odibi-dagster resume {failed}\n"
                "or run whatever is out of date by then: odibi-dagster run --stale"
            )
    return told


def warnings(outcome: Outcome, instance: dg.DagsterInstance) -> list[str]:
    """What the steps of the runs logged as a warning or worse."""
    import logging

    return [
        f"{logging.getLevelName(entry.level).lower()}: {entry.user_message}"
        for run_id in outcome.run_ids
        for entry in instance.all_logs(run_id)
        if not entry.is_dagster_event
        and int(entry.level) >= logging.WARNING
        and not entry.user_message.startswith(_SKIPPED)
    ]


def _failed_run(outcome: Outcome, instance: dg.DagsterInstance) -> str | None:
    import dagster as dg

    for run_id in outcome.run_ids:
        run = instance.get_run_by_id(run_id)
        if run is not None and run.status in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
            return run_id
    return None
