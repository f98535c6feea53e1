"""Runs whose process has ended and that Dagster still believes to be running."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from odibi_dagster.reliability.hooks import Hook
from odibi_dagster.reliability.process import is_gone
from odibi_dagster.reliability.tags import PID, RUN
from odibi_dagster.reliability.tell import tell_run

_log = logging.getLogger("dagster.odibi")

_UNSTAMPED_SECONDS = 60.0
_NEVER_BEGAN_SECONDS = 600.0


def sweep(instance: dg.DagsterInstance, hooks: Sequence[Hook] = ()) -> list[str]:
    """Mark every dead run of this host as failed and return their ids.

    A killed process leaves its run "started" for ever, and no automation starts anything downstream of a
    running table: after this, the run is failed, its pool slots are free, and automation goes on.
    Only runs whose process is known to have ended are touched, never another host's, never one that is
    merely slow; and runs that were created ten minutes ago and never begun.
    Calling it again, or from several processes at once, is harmless.

    Args:
        instance: the instance whose runs are looked at.
        hooks: who is told of the runs found dead, which could not tell themselves.
    """
    began = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
    unfinished = (*began, dg.DagsterRunStatus.NOT_STARTED)
    dead = []
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=list(began)))
    never_began = _never_began(instance)
    for run in (*runs, *never_began):
        if not (run in never_began or is_gone(run.run_id, run.tags) or _died_at_birth(instance, run)):
            continue
        now = instance.get_run_by_id(run.run_id)  # it may have ended well, or been swept, meanwhile
        if now is None or now.status not in unfinished:
            continue
        event = instance.report_run_failed(now, _message(now))
        instance.event_log_storage.free_concurrency_slots_for_run(now.run_id)
        dead.append(now.run_id)
        tell_run(instance, hooks, now, event, log=_log)
    return dead


def dead_run_sensor(
    hooks: Sequence[Hook] = (), *, interval: int = 30, running: bool = True
) -> dg.SensorDefinition:
    """Return the sensor that sweeps dead runs while the daemon runs.

    Args:
        hooks: who is told of the runs found dead.
        interval: seconds between two sweeps.
        running: whether the sensor is on until somebody turns it off.
    """
    status = dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=interval,
        default_status=status,
        description="Marks runs as failed whose process has ended, so that automation goes on.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        dead = sweep(context.instance, hooks)
        return dg.SkipReason(f"Marked as failed: {', '.join(dead)}." if dead else "No dead run.")

    return dead_runs


def _never_began(instance: dg.DagsterInstance) -> Sequence[dg.DagsterRun]:
    """Runs that were created long ago and not handed to anybody: their process ended in between.

    Dagster creates and starts a run in one go, and counts such a run as active for ever: the landing sensor
    and automation would wait for it.
    """
    before = datetime.now(UTC) - timedelta(seconds=_NEVER_BEGAN_SECONDS)
    return instance.get_runs(
        filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED], created_before=before)
    )


def _message(run: dg.DagsterRun) -> str:
    pid = f" {run.tags[PID]}" if run.tags.get(RUN) == run.run_id else ""
    return (
        f"The process{pid} of this run has ended without a word: it was killed, ran out of memory, or the "
        "machine went down. What it published stays, what it staged is invisible. "
        f"To go on: odibi-dagster resume {run.run_id}"
    )


def _died_at_birth(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run's process ended in the moment between Dagster's start event and our tags.

    The event has the process id and no host, so this asks for more: the events are kept in local files, the
    run has started a minute ago, and no process with that id is as old as the event.
    """
    import psutil

    if run.tags.get(RUN) == run.run_id:
        return False
    if not Path(instance.root_directory, "history", "runs", "index.db").exists():
        return False
    started = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_START).records
    if not started:
        return False
    entry = started[-1].event_log_entry
    pid = entry.dagster_event.pid if entry.dagster_event else None
    if pid is None or time.time() - entry.timestamp < _UNSTAMPED_SECONDS:
        return False
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.create_time() > entry.timestamp + 5
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
