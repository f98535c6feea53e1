"""Asks for runs when files have landed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from odibi_dagster.errors import OdibiError
from odibi_dagster.landing.due import Due, Watched, due

#: The run tag that names the work a run was asked for: "bronze.orders:7". Attempts are counted by it.
LANDING_TAG = "odibi/landing"
#: Dagster gives an evaluation 60 seconds; what is not looked at by then is looked at first the next time.
BUDGET_SECONDS = 40.0
#: The pause after the first failed attempt; it doubles with each further one, up to the longest.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30.0, 3600.0

_ACTIVE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def landing_sensor(
    watched: Sequence[Watched],
    *,
    interval: float,
    enabled: bool = True,
    budget: float = BUDGET_SECONDS,
) -> dg.SensorDefinition:
    """A sensor that asks for a run of each table whose source has something for it.

    What is pending comes from the listing and the ledger at each tick, so that no file is missed or asked for
    twice, whatever the clocks say; the sensor's own cursor only remembers where in the list of sources a tick
    ran out of time. A table is asked for once while a run with it is active, and after a failed attempt again
    with growing pauses, under the key `<work>:<attempt>`.

    Args:
        watched: the sources.
        interval: seconds between two ticks, at least.
        enabled: whether it is switched on when Dagster first sees it.
        budget: seconds after which a tick goes no further.
    """

    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        deadline = time.monotonic() + budget
        active = _active_tables(context)
        order = _from(watched, context.cursor)
        requests, notes, errors = [], [], []
        following = ""
        for position, one in enumerate(order):
            if position and time.monotonic() > deadline:
                following = one.source.table
                notes.append(f"out of time before {following}")
                break
            table = one.source.table
            if _key(table) in active:
                notes.append(f"{table}: a run is active")
                continue
            try:
                work = due(one, datetime.now(UTC), deadline)
            except OdibiError as error:
                context.log.error(str(error))
                errors.append(error)
                continue
            request = None if work is None else _request(context.instance, table, work)
            if request is None:
                notes.append(
                    f"{table}: " + ("nothing is pending" if work is None else "waits after a failure")
                )
            else:
                requests.append(request)
        if errors and not requests:
            # The tick is shown as failed. With requests it must not be: they would be lost.
            raise errors[0]
        return dg.SensorResult(
            run_requests=requests,
            skip_reason=None if requests else dg.SkipReason("; ".join(notes) or "there are no sources"),
            cursor=following,
        )

    return dg.SensorDefinition(
        name="landing",
        evaluation_fn=evaluate,
        asset_selection=dg.AssetSelection.assets(*(_key(one.source.table) for one in watched)),
        minimum_interval_seconds=max(1, round(interval)),
        default_status=dg.DefaultSensorStatus.RUNNING if enabled else dg.DefaultSensorStatus.STOPPED,
        description="Asks for a run when files have landed.",
    )


def _key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def _from(watched: Sequence[Watched], table: str | None) -> list[Watched]:
    """The sources, beginning with the one that the last tick did not come to."""
    names = [one.source.table for one in watched]
    start = names.index(table) if table in names else 0
    return [*watched[start:], *watched[:start]]


def _request(instance: dg.DagsterInstance, table: str, work: Due) -> dg.RunRequest | None:
    """The request for the next attempt at a piece of work, or None while it has to wait."""
    attempts = instance.get_run_records(dg.RunsFilter(tags={LANDING_TAG: work.name}), limit=100)
    if attempts:
        ended = max(one.end_time or one.update_timestamp.timestamp() for one in attempts)
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (len(attempts) - 1))
        if work.once or time.time() < ended + pause:
            return None
    return dg.RunRequest(
        run_key=f"{work.name}:{len(attempts) + 1}",
        asset_selection=[_key(table)],
        tags={LANDING_TAG: work.name},
    )


def _active_tables(context: dg.SensorEvaluationContext) -> set[dg.AssetKey]:
    """The tables that some run which has not ended will materialize."""
    active: set[dg.AssetKey] = set()
    for record in context.instance.get_run_records(dg.RunsFilter(statuses=_ACTIVE)):
        run = record.dagster_run
        if run.asset_selection is not None:
            active |= run.asset_selection
        elif context.repository_def is not None and context.repository_def.has_job(run.job_name):
            job = context.repository_def.get_job(run.job_name)
            active |= set(job.asset_layer.executable_asset_keys)
    return active
