"""Which partitions of a table are missing, and which are out of date."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odibi_dagster.cli.published import Published
from odibi_dagster.lake.record import InputVersion, Record
from odibi_dagster.project import Project
from odibi_dagster.tables.spec import TableSpec

if TYPE_CHECKING:
    import dagster as dg

#: Where a publish says which of Dagster's partitions it made: the first and the last key.
PARTITIONS = "partitions"


@dataclass(frozen=True)
class PartitionState:
    """The partitions that a run should make, in order, each with the reason."""

    keys: tuple[str, ...]
    missing: tuple[str, ...]
    stale: Mapping[str, str]

    @property
    def wanted(self) -> tuple[str, ...]:
        """Missing and stale partitions, in the table's order."""
        chosen = {*self.missing, *self.stale}
        return tuple(key for key in self.keys if key in chosen)


def partition_state(project: Project, spec: TableSpec, instance: dg.DagsterInstance) -> PartitionState:
    """The state of every partition up to now. Reads the logs and the event log; writes nothing.

    A partition is there if the table has rows of it, a publish in the log named it, or Dagster has seen it
    materialized (a partition may be empty, and old log entries are cleaned up). It is stale if its newest
    publish was made by other code, or from inputs that have changed since; an input with the same partitions
    counts only with the changes of that very partition. Without a publish in the log nothing is known of
    code and inputs, and the partition counts as current.

    Args:
        project: where the tables are.
        spec: a table with partitions.
        instance: Dagster's.
    """
    import dagster as dg

    from odibi_dagster.assets.partition_keys import definition

    assert spec.partitions is not None, f"{spec.key} has no partitions"
    keys = tuple(definition(spec.partitions).get_partition_keys())
    mine = Published(project, spec.key)
    newest = _newest(spec, mine, keys)
    there = set(newest) | _with_rows(spec, mine)
    if mine.log is not None:
        there |= instance.get_materialized_partitions(dg.AssetKey([spec.layer, spec.name]))
    inputs = {name: Published(project, name) for name in spec.inputs}
    stale = {}
    for key in keys:
        record = newest.get(key)
        reason = record and _reason(spec, record, key, inputs, project)
        if reason:
            stale[key] = reason
    return PartitionState(keys, tuple(key for key in keys if key not in there), stale)


def _newest(spec: TableSpec, published: Published, keys: Sequence[str]) -> dict[str, Record]:
    """The newest publish of each partition."""
    found: dict[str, Record] = {}
    for _, record in published.records:
        if record.code and len(found) < len(keys):
            covered = _covered(spec, record)
            for key in keys:
                if key not in found and covered(key):
                    found[key] = record
    return found


def _covered(spec: TableSpec, record: Record) -> Callable[[str], bool]:
    """Tells whether a publish replaced, or added to, a partition."""
    if record.partitions is None:
        return lambda key: True
    named = record.details.get(PARTITIONS)
    if named is None:
        return _keys_of(spec, [json.loads(label) for label in record.partitions]).__contains__
    first, last = named
    assert spec.partitions is not None
    order = {key: at for at, key in enumerate(spec.partitions.keys)}
    if spec.partitions.by_time:
        return lambda key: first <= key <= last
    return lambda key: key in named or order.get(first, 0) <= order.get(key, -1) <= order.get(last, -1)


def _with_rows(spec: TableSpec, published: Published) -> set[str]:
    if published.log is None:
        return set()
    return _keys_of(spec, [file.partition for file in published.log.files])


def _keys_of(spec: TableSpec, values: Sequence[Mapping[str, str | None]]) -> set[str]:
    """The partition keys that partition values belong to."""
    assert spec.partitions is not None
    found = {value for each in values if (value := each.get(spec.partitions.column))}
    if spec.partitions.by_time:
        found = {value[:10] for value in found}
    if spec.partitions.kind == "monthly":
        found = {f"{value[:7]}-01" for value in found}
    return found


def _reason(
    spec: TableSpec, record: Record, key: str, inputs: Mapping[str, Published], project: Project
) -> str | None:
    if record.code != spec.fingerprint:
        return "the table's code has changed"
    for name, seen in record.inputs.items():
        now = inputs.get(name)
        if now and now.log and _changed(spec, project.tables.get(name), now, seen, key):
            return f"{name} is newer"
    return None


def _changed(spec: TableSpec, other: TableSpec | None, now: Published, seen: InputVersion, key: str) -> bool:
    """Whether an input has changed since it was read, as far as one partition is concerned."""
    assert now.log is not None
    if now.log.table_id != seen.table_id:
        return True
    if now.log.data_version <= seen.data_version:
        return False
    alike = other is not None and other.partitions and spec.partitions
    if not alike or not other or other.partitions is None or spec.partitions is None:
        return True
    if (other.partitions.kind, other.partitions.keys) != (spec.partitions.kind, spec.partitions.keys):
        return True
    since = {version: record for version, record in now.records if version > seen.version}
    if set(range(seen.version + 1, now.log.data_version + 1)) - set(since):
        return True  # somebody else's commits, or cleaned up ones: nobody knows which partitions they touched
    return any(_covered(other, record)(key) for record in since.values())
