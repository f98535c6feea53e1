"""What a table's protocol and properties ask of whoever writes it; what cannot be honoured is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from odibi_dagster.errors import StateError, StorageError

if TYPE_CHECKING:
    from odibi_dagster.lake.log import Log

#: Features through which delta-rs would write without honouring them are left out on purpose:
#: deletion vectors, column mapping, constraints, generated and identity columns, change data feed.
FEATURES = frozenset({"timestampNtz", "appendOnly"})
#: Legacy writer versions up to 2 know just appendOnly and column invariants.
LEGACY_WRITER = 2


def refuse_unknown_features(log: Log, *, reading: bool = False) -> None:
    """Stops before a table whose protocol asks for something that delta-rs would ignore.

    Raises:
        StateError: names the features.
    """
    protocol = log.handle.protocol()
    named = set(protocol.reader_features or ()) | (set() if reading else set(protocol.writer_features or ()))
    unknown = sorted(named - FEATURES - {"invariants"})
    legacy = not reading and LEGACY_WRITER < protocol.min_writer_version < 7
    if protocol.min_reader_version == 2:
        unknown.append("columnMapping")
    if legacy:
        unknown.append(f"legacy writer version {protocol.min_writer_version}")
    if unknown:
        raise StateError(
            f"The table uses {', '.join(unknown)}.",
            where=log.where,
            why="these features cannot be honoured here, and ignoring them would damage the table",
            remedy="Drop the features with the engine that added them, or copy the table into a new one.",
        )


def refuse_properties(log: Log, *, removes: bool) -> None:
    """Stops before a publish that the table's own properties forbid.

    Raises:
        StateError: the table is append-only and the publish removes, or its identities would expire.
    """
    properties = log.handle.metadata().configuration
    if "delta.setTransactionRetentionDuration" in properties:
        raise StateError(
            "The table forgets identities after a while (delta.setTransactionRetentionDuration).",
            where=log.where,
            why="a write that is repeated later would be taken for a new one",
            remedy="Unset that property.",
        )
    if removes and properties.get("delta.appendOnly") == "true":
        raise StateError(
            "The table is append-only (delta.appendOnly), and this publish replaces rows.",
            where=log.where,
            remedy="Unset that property, or make the table `kind: append`.",
        )
    if not json.loads(log.handle.schema().to_json())["fields"]:
        raise StorageError("The table has no columns.", where=log.where)
    for column in json.loads(log.handle.schema().to_json())["fields"]:
        if "delta.invariants" in column.get("metadata", {}):
            raise StateError(
                f"Column {column['name']} has an invariant, which would not be checked here.",
                where=log.where,
                remedy="Drop the invariant and write an expectation instead.",
            )
