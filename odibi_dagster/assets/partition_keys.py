"""The partitions of one run: Dagster's keys, what SQL may ask of them, and what the publish replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from odibi_dagster.lake.write import PartitionRange
from odibi_dagster.tables.spec import Partitions

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class PartitionKeys:
    """The partitions that one run of a table makes.

    Args:
        partitions: how the table is partitioned.
        keys: Dagster's keys, in order.
    """

    partitions: Partitions
    keys: tuple[str, ...]

    @property
    def range(self) -> PartitionRange:
        """What the publish replaces."""
        column = self.partitions.column
        if not self.partitions.by_time:
            return PartitionRange(column, values=self.keys)
        days = [date.fromisoformat(key) for key in self.keys]
        return PartitionRange(column, start=min(days), end=_next(self.partitions, max(days)))

    def parameters(self, key: str | None = None) -> Mapping[str, object]:
        """The values of `:partition_key`, `:partition_start` and `:partition_end`.

        Args:
            key: one key of the run; None means the run's whole range (then there is no `partition_key`).
        """
        keys = self.keys if key is None else (key,)
        values: dict[str, object] = {} if key is None else {"partition_key": key}
        if self.partitions.by_time:
            days = [date.fromisoformat(each) for each in keys]
            values["partition_start"] = _instant(min(days))
            values["partition_end"] = _instant(_next(self.partitions, max(days)))
        return values


def partition_keys(partitions: Partitions | None, keys: Sequence[str]) -> PartitionKeys | None:
    """The run's partitions, or None for a table without any."""
    return PartitionKeys(partitions, tuple(keys)) if partitions and keys else None


def definition(partitions: Partitions) -> dg.PartitionsDefinition[str]:
    """Dagster's definition of these partitions. Days and months are UTC's."""
    import dagster as dg

    if partitions.kind == "static":
        return dg.StaticPartitionsDefinition(list(partitions.keys))
    start = partitions.start.isoformat() if partitions.start else ""
    if partitions.kind == "daily":
        return dg.DailyPartitionsDefinition(start_date=start, timezone="UTC")
    return dg.MonthlyPartitionsDefinition(start_date=start, timezone="UTC")


def _next(partitions: Partitions, day: date) -> date:
    if partitions.kind == "daily":
        return day + timedelta(days=1)
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
