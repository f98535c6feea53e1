"""The data files of a Delta table that Spark has just written, taken out of its log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from odibi_dagster.engines.protocol import DataFile
from odibi_dagster.engines.spark import stats
from odibi_dagster.errors import StateError, Where
from odibi_dagster.sql.types import Schema
from odibi_dagster.storage.objects import Objects

#: What a file may need of its readers and still be taken into a table of the lake: nothing.
FEATURES = frozenset({"timestampNtz", "appendOnly", "invariants"})


def adopt(
    objects: Objects, folder: str, *, schema: Schema, partition_by: Sequence[str], table: str
) -> tuple[DataFile, ...]:
    """The files of the staged table's newest version that hold rows; all else in its folder is deleted.

    Afterwards the folder is plain data files in no log: its own log is gone, and with it what failed tasks
    and Hadoop's checksums left.

    Args:
        objects: the table's folder.
        folder: the staged table's, relative to it.
        schema: the staged table's columns.
        partition_by: its partition columns.
        table: the table's name, for messages.

    Raises:
        StateError: the staged table has features that the files' readers would have to know.
        StorageError, TransientError: the store refused or did not answer.
    """
    listed = [path for batch in objects.list(folder) for path in batch["path"].to_pylist()]
    log = f"{folder}/_delta_log/"
    entries = sorted(
        p for p in listed if p.startswith(log) and p.endswith(".json") and "/" not in p[len(log) :]
    )
    adds: dict[str, Any] = {}
    for entry in entries:
        for line in objects.get(entry).splitlines():
            action = json.loads(line)
            if "protocol" in action:
                _refuse_features(action["protocol"], table)
            if "remove" in action:
                adds.pop(action["remove"]["path"], None)
            if "add" in action:
                adds[action["add"]["path"]] = action["add"]
    stored = tuple(column for column in schema if column.name not in partition_by)
    files = []
    for path, add in adds.items():
        if add.get("deletionVector"):
            _refuse(["deletionVectors"], table)
        told = stats.delta(stored, add["stats"])
        if not told["numRecords"]:
            continue
        values = stats.partition_values(schema, {name: add["partitionValues"][name] for name in partition_by})
        # The log spells paths URL-encoded (Delta protocol, "Add File"); objects are named decoded.
        file = DataFile(f"{folder}/{unquote(path)}", add["size"], told["numRecords"], told, values)
        files.append(file)
    kept = {file.path for file in files}
    objects.delete([path for path in listed if path not in kept])
    return tuple(files)


def _refuse_features(protocol: dict[str, Any], table: str) -> None:
    named = {*protocol.get("readerFeatures", ()), *protocol.get("writerFeatures", ())}
    unknown = sorted(named - FEATURES)
    if protocol.get("minReaderVersion") == 2:
        unknown.append("columnMapping")
    if unknown:
        _refuse(unknown, table)


def _refuse(features: Sequence[str], table: str) -> None:
    raise StateError(
        "Spark staged files that other engines cannot read; nothing was published.",
        where=Where(table=table),
        why=f"its Delta turned on {', '.join(features)}",
        remedy="Turn them off under `spark:`, `config:`: spark.databricks.delta.properties.defaults.*",
    )
