"""Immutable data files: those of a table at a version, and those that no log names yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odibi_dagster.sql.types import Schema

#: The column of `Session.staged` that holds the staged file's path, relative to the table.
PATH_COLUMN = "_path"
#: The column by which engines tell a file's rows apart: the row's number within its file.
ROW_COLUMN = "_row"


@dataclass(frozen=True)
class DataFile:
    """One immutable Parquet file of a table, as the Delta log describes it.

    Args:
        path: relative to the table's URL, exactly as the object is named (not URL-encoded), '/'-separated,
            such as "staged-6f…/order_date=2024-01-01/part-….parquet".
        size: bytes.
        rows: exact number of rows.
        stats: Delta's statistics object: numRecords, minValues, maxValues, nullCount. May be empty. A minimum
            never exceeds and a maximum never falls below any value of the file.
        partition: each partition column's value in Delta's serialization; None is NULL.
    """

    path: str
    size: int
    rows: int
    stats: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Staged:
    """Data files that lie under a table's folder and are in no log: invisible to every reader.

    Args:
        table_url: the table's URL.
        folders: the folders below the table that this write made, such as ("staged-6f…",); whoever gives up
            on the write deletes these.
        files: the files to publish; none when the result has no rows.
        schema: all columns in order, partition columns included.
        partition_by: the partition columns in order; empty when the table is not partitioned.
    """

    table_url: str
    folders: tuple[str, ...]
    files: tuple[DataFile, ...]
    schema: Schema
    partition_by: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were staged."""
        return sum(file.rows for file in self.files)

    @property
    def size(self) -> int:
        """How many bytes were staged."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class TableFiles:
    """One pinned version of a Delta table: what it holds, without its log.

    Args:
        name: "silver.orders".
        url: the table's URL.
        version: the pinned version of the log.
        schema: all columns in the table's order.
        partition_by: the partition columns.
        files: the version's active files; their statistics may be empty.
    """

    name: str
    url: str
    version: int
    schema: Schema
    partition_by: tuple[str, ...]
    files: tuple[DataFile, ...]
