"""When a table is made without anybody asking: Dagster's declarative automation, by data versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import dagster as dg

_AC = dg.AutomationCondition


def condition(
    kind: Literal["eager", "cron", "manual"],
    cron: str | None = None,
    *,
    ancestors: Iterable[dg.AssetKey] = (),
    partitioned_parents: Iterable[dg.AssetKey] = (),
    landed: Iterable[dg.AssetKey] = (),
) -> dg.AutomationCondition[dg.AssetKey] | None:
    """Return the condition under which automation requests a table, or None for `manual`.

    `eager`: when the data version of an input has changed, or an input is requested in the same tick, or the
    table has gone missing. Many changes become one run, none is lost that arrives during a run, and a run
    that published nothing new starts nothing. `cron`: once for every time of the schedule (UTC).
    Neither starts a table while an ancestor's last run has failed or is running, so that no table is made
    from a mixture of old and new inputs: the request waits. Neither starts it while it is running itself or
    an input was never made. Of a partitioned table the newest time partition is meant.

    Dagster's own `eager()` and `since_last_handled()` are not used: both forget an update that arrives while
    the table is being made, and `eager()` starts the descendants of a failed table.

    Args:
        kind: what the table's file says.
        cron: the schedule, five fields, for `cron`.
        ancestors: all tables the table is made from, directly or not.
        partitioned_parents: inputs that may lack partitions.
        landed: inputs whose new data the landing sensor sees to; a run that takes it reports it, too, and
            that must not start another one.
    """
    if kind == "manual":
        return None
    sources, changed = tuple(landed), _AC.data_version_changed() & ~_AC.executed_with_root_target()
    arrived, missing = _AC.any_deps_match(changed | _AC.will_be_requested()), _AC.any_deps_missing()
    if sources:
        arrived = arrived.ignore(dg.AssetSelection.assets(*sources))
    if lacking := (*sources, *partitioned_parents):
        missing = missing.ignore(dg.AssetSelection.assets(*lacking))
    if kind == "cron":
        assert cron is not None, "the table's file was validated"
        due: dg.AutomationCondition[Any] = _AC.cron_tick_passed(cron)
    else:
        due = _AC.newly_missing() | arrived
    # The request of the last tick settles what was due then, and not what has become due since.
    settled = _AC.initial_evaluation() | (_AC.newly_requested() & ~due)
    wanted = _AC.in_latest_time_window() & due.since(settled) & ~missing & ~_AC.in_progress()
    # Requested in this very tick, an ancestor is made first, in the same run.
    unfit = (_AC.execution_failed() | _AC.in_progress()) & ~_AC.will_be_requested()
    for ancestor in ancestors:
        wanted = wanted & ~_AC.asset_matches(ancestor, unfit)
    return wanted.with_label(f"cron {cron}" if kind == "cron" else kind)


def automation_sensor(*, interval: int = 30, running: bool = True) -> dg.AutomationConditionSensorDefinition:
    """Return the sensor that evaluates the conditions of all tables.

    Args:
        interval: seconds between two evaluations.
        running: whether the sensor is on until somebody turns it off.
    """
    return dg.AutomationConditionSensorDefinition(
        "automation",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=interval,
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Requests the tables whose inputs have new data, or whose time has come.",
    )
