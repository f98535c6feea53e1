"""Write a DataFrame as Parquet files that no table's log knows yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from odibi_dagster.engines.partitions import warn_of_many
from odibi_dagster.engines.protocol import DataFile
from odibi_dagster.engines.spark import quote, read
from odibi_dagster.engines.spark.adopt import adopt
from odibi_dagster.sql.types import STRING, Schema
from odibi_dagster.storage.objects import open_objects

#: In the message of a refused value, so that the failure is recognized.
EMPTY = "odibi-empty-partition"
#: What Delta may turn on by itself and readers would then have to know.
_OFF = {
    "delta.enableDeletionVectors": "false",
    "delta.columnMapping.mode": "none",
    "delta.enableRowTracking": "false",
    "delta.enableIcebergCompatV1": "false",
    "delta.enableIcebergCompatV2": "false",
    "delta.autoOptimize.optimizeWrite": "false",
    "delta.autoOptimize.autoCompact": "false",
}


def write(
    frame: Any, *, table: str, root: str, folder: str, schema: Schema, partition_by: Sequence[str]
) -> tuple[DataFile, ...]:
    """Writes the DataFrame's rows below `root/folder`, all of them, and describes the files.

    Spark writes a Delta table of its own there, whose log then says which files hold which rows (tasks that
    were tried twice leave others), how many, and between which values; the log itself is deleted. With
    partitions the rows of one are brought together, so that it has few files whatever the number of tasks.

    Args:
        frame: a DataFrame with exactly the schema's columns.
        table: the table's name, for messages.
        root: the table's URL.
        folder: where to write, relative to the root; it must not exist.
        schema: the DataFrame's columns.
        partition_by: the partition columns; not all columns.

    Raises:
        pyspark.errors.PySparkException: whatever the query or the store refuses; a partition value that is
            the empty string raises USER_RAISED_EXCEPTION with `EMPTY`.
    """
    types = {column.name: column.type for column in schema}
    guarded = {name for name in partition_by if types[name] == STRING}
    frame = frame.selectExpr(*(_item(name, name in guarded) for name in types))
    if partition_by:
        frame = frame.hint("rebalance", *partition_by)
    writer = frame.write.format("delta").mode("error")
    for key, value in _OFF.items():
        writer = writer.option(key, value)
    if partition_by:
        writer = writer.partitionBy(*partition_by)
    writer.save(read.url(f"{root}/{folder}"))
    files = adopt(open_objects(root), folder, schema=schema, partition_by=partition_by, table=table)
    tidy(root, folder)
    warn_of_many(files, table=table)
    return files


def remove(root: str, folder: str) -> None:
    """Deletes what lies in a folder that nobody else knows of."""
    objects = open_objects(root)
    for batch in objects.list(folder):
        objects.delete(batch["path"].to_pylist())
    tidy(root, folder)


def tidy(root: str, folder: str) -> None:
    """Removes empty folders, where there are such things: on a local disk."""
    home = open_objects(root).local(folder)
    for place, _, _ in os.walk(home, topdown=False) if home else ():
        with suppress(OSError):  # it is not empty
            os.rmdir(place)


def _item(column: str, guarded: bool) -> str:
    name = quote.name(column)
    if not guarded:
        return name
    # Delta would write it as NULL.
    return (
        f"CASE WHEN {name} = '' THEN raise_error({quote.text(f'{EMPTY} {column}')}) ELSE {name} END AS {name}"
    )
