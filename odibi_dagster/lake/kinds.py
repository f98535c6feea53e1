"""Which files a publish adds and removes, for each kind of table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from odibi_dagster.engines.protocol import DataFile, Staged
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.log import Log
from odibi_dagster.lake.write import PartitionRange, Write


@dataclass(frozen=True)
class Plan:
    """Files to add and to remove in one commit, and the partitions that are replaced (None: all)."""

    add: tuple[DataFile, ...]
    remove: tuple[DataFile, ...]
    partitions: tuple[str, ...] | None = None


def plan(write: Write, log: Log | None) -> Plan:
    """What this publish does to that version of the table.

    Args:
        write: the publish.
        log: the table now; None if it does not exist yet.

    Raises:
        DataError: staged rows lie outside the partitions that the run may replace.
    """
    return _PLANS[write.kind](write, log)


def _full(write: Write, log: Log | None) -> Plan:
    return Plan(_staged(write).files, log.files if log else ())


def _append(write: Write, log: Log | None) -> Plan:
    staged = _staged(write)
    if write.range:
        _refuse_outside(staged, write.range, Where(table=write.table))
    return Plan(staged.files, (), ())


def _partition(write: Write, log: Log | None) -> Plan:
    staged = _staged(write)
    files = log.files if log else ()
    if write.range:
        _refuse_outside(staged, write.range, Where(table=write.table))
        column, inside = write.range.column, write.range.holds
        return Plan(
            staged.files,
            tuple(file for file in files if inside(file.partition[column])),
            tuple(
                sorted({_label(f.partition) for f in (*staged.files, *files) if inside(f.partition[column])})
            ),
        )
    present = {_label(file.partition) for file in staged.files}
    return Plan(
        staged.files,
        tuple(file for file in files if _label(file.partition) in present),
        tuple(sorted(present)),
    )


def _staged(write: Write) -> Staged:
    if write.staged is None:
        raise ValueError(f"{write.table}: a publish without staged files has nothing to plan.")
    return write.staged


def _label(partition: Mapping[str, str | None]) -> str:
    return json.dumps(dict(partition), sort_keys=True, ensure_ascii=False)


def _refuse_outside(staged: Staged, range_: PartitionRange, where: Where) -> None:
    if range_.column not in staged.partition_by:
        return
    outside = {
        f.partition[range_.column] for f in staged.files if not range_.holds(f.partition[range_.column])
    }
    if outside:
        some = ", ".join("NULL" if value is None else value for value in sorted(outside, key=str)[:5])
        rows = sum(f.rows for f in staged.files if f.partition[range_.column] in outside)
        raise DataError(
            f"{rows} rows lie outside the partitions of this run; nothing was published.",
            where=where,
            why=f"the run replaces {range_}; the result also has {range_.column} = {some}",
            remedy="Filter with :partition_start and :partition_end (or :partition_key) in the SELECT.",
        )


_PLANS: Mapping[str, Callable[[Write, Log | None], Plan]] = {
    "full": _full,
    "append": _append,
    "partition": _partition,
}
