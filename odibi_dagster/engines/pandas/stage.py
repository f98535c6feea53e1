"""Write a relation as Parquet files that no log knows yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.pandas import quote, stats
from odibi_dagster.engines.partitions import empty_value, warn_of_many
from odibi_dagster.engines.protocol import DataFile
from odibi_dagster.errors import Where
from odibi_dagster.sql.types import Schema

#: Files are cut at this size; smaller ones come only of less data.
FILE_SIZE = "128MB"


def copy(
    connection: Any,
    query: str,
    *,
    table: str,
    root: str,
    folder: str,
    schema: Schema,
    partition_by: Sequence[str],
) -> tuple[DataFile, ...]:
    """Writes the query's rows below `root/folder`, all of them, and describes the files.

    One file, or several of 128 MB, whatever the number of threads; with partitions at least one file for
    each. Files without rows are removed, and so is the folder when nothing is left.

    Args:
        connection: the session's connection; it may write to the folder.
        query: a SELECT with exactly the schema's columns.
        table: the table's name, for messages.
        root: the table's folder.
        folder: where to write, relative to the root; it must not exist.
        schema: the query's columns.
        partition_by: the partition columns; not all columns.

    Raises:
        DataError: a partition value is the empty string.
        duckdb.Error: whatever the query or the disk refuses.
    """
    target = os.path.join(root, folder)
    options = [
        "FORMAT parquet",
        # As fast as snappy, half the bytes (5 M rows: 0.95 s and 130 MB against 1.04 s and 251 MB).
        "COMPRESSION zstd",
        "COMPRESSION_LEVEL 1",
        "RETURN_STATS",
        "FILENAME_PATTERN 'part-{uuid}'",
        f"FILE_SIZE_BYTES '{FILE_SIZE}'",
    ]
    if partition_by:
        options.append(f"PARTITION_BY ({', '.join(quote.name(column) for column in partition_by)})")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    rows = connection.execute(f"COPY ({query}) TO {quote.text(target)} ({', '.join(options)})").fetchall()
    stored = tuple(column for column in schema if column.name not in partition_by)
    files = []
    for path, count, size, _, columns, keys, _ in rows:
        if not count:
            os.remove(path)
            continue
        values = stats.partition_values(schema, partition_by, keys or {})
        _refuse_empty(values, table)
        files.append(
            DataFile(
                path=os.path.relpath(path, root).replace(os.sep, "/"),
                size=size,
                rows=count,
                stats=stats.delta(stored, columns or {}, count),
                partition=values,
            )
        )
    if not files and os.path.isdir(target) and not os.listdir(target):
        os.rmdir(target)
    warn_of_many(files, table=table)
    return tuple(files)


def _refuse_empty(values: dict[str, str | None], table: str) -> None:
    for name, value in values.items():
        if value == "":
            raise empty_value(name, Where(table=table))
