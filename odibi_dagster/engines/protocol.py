"""What an engine is: it computes relations and writes immutable data files. It never touches a table's log.

Every word here is shared by all engines. The lake hands in pinned inputs (`TableFiles`, `Landed`), gets back
`Staged` files, and commits them itself; nothing in this module imports an engine's library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from odibi_dagster.sql.query import Query
    from odibi_dagster.sql.types import Schema, SparkType

Wanted = Literal["narwhals", "pandas", "duckdb", "pyspark"]
Lineage = Mapping[str, tuple[tuple[str, str], ...]]

#: Columns that a landed relation has in addition to its files' own.
LANDED_COLUMNS = ("_file", "_batch", "_landed_at")
#: The column of `Session.staged` that holds the staged file's path, relative to the table.
PATH_COLUMN = "_path"


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


@dataclass(frozen=True)
class LandedFile:
    """One file that landed, as the ledger recorded it.

    Args:
        path: relative to the source's URL.
        size: bytes.
        modified: the store's modification time, with a zone.
        etag: the store's entity tag, or None where it has none that lasts.
        folder_values: the values of hive-style folders in the path, decoded: {"region": "north"}.
    """

    path: str
    size: int
    modified: datetime
    etag: str | None = None
    folder_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """Landed files that one step reads: a batch of the ledger, or a whole source.

    Args:
        name: the table that reads them, "bronze.orders".
        url: the folder that the paths are relative to.
        files: exactly the files to read; nothing is listed again.
        format: "parquet", "csv" or "json" (one object a line).
        options: delimiter, header (bool), quote, encoding, compression ("gzip", "zstd", "none"; by the file's
            suffix when it is not given).
        schema: declared, or the table's so far: every file must then have exactly these columns, by name
            (hive folders and the added columns aside). None: a CSV's columns are STRING, Parquet's and
            JSON's types are the files' own.
        batch: the ledger's number, or None when the source is read whole.
        landed_at: the instant for `_landed_at`, the same on every retry.
    """

    name: str
    url: str
    files: tuple[LandedFile, ...]
    format: Literal["parquet", "csv", "json"]
    options: Mapping[str, Any]
    schema: Schema | None
    batch: int | None
    landed_at: datetime


class Relation(Protocol):
    """An engine's lazy result: nothing has been computed yet.

    `schema` has Spark's types. `lineage` maps each output column to the (input, column) pairs its values come
    from, or is None when nobody knows (a Python function). `native` is the engine's own object.
    """

    @property
    def schema(self) -> Schema: ...

    @property
    def lineage(self) -> Lineage | None: ...

    @property
    def native(self) -> Any: ...


class Session(Protocol):
    """One step's work on an engine. Everything it may read or write was named when it was opened."""

    def read(self, name: str) -> Relation:
        """One of the session's inputs, with exactly its schema's columns, order and types.

        Raises:
            KeyError: the name is not among the session's reads.
            DataError: a landed file parses but has another schema, or a value is not of the declared type.
        """
        ...

    def sql(self, query: Query, *, now: datetime, parameters: Mapping[str, object] | None = None) -> Relation:
        """The query's result, lazily; its inputs are found by name among the session's reads.

        Args:
            query: a parsed query of `odibi_dagster.sql`.
            now: the aware instant that CURRENT_TIMESTAMP() means, the same on every retry.
            parameters: values of `:partition_key`, `:partition_start`, `:partition_end`.

        Raises:
            SqlError: an unknown column, a type mismatch, or a type that the engine does not confirm.
        """
        ...

    def call(
        self,
        function: Callable[..., object],
        arguments: Mapping[str, object] | None = None,
        types: Mapping[str, SparkType] | None = None,
    ) -> Relation:
        """The function's result as a relation; the arguments are passed by name, ready made.

        Args:
            function: the user's.
            arguments: by parameter name.
            types: types that columns are declared to have. Python's own values do not say theirs: a decimal
                column takes its digits from here (DECIMAL(38,18) otherwise), a naive datetime may be a
                TIMESTAMP_NTZ, and a column of NULLs alone has a type. Values must fit as they are.

        Raises:
            DataError: the result is no relation, or a column has no Spark type (it is named).
            Exception: whatever the function itself raises.
        """
        ...

    def argument(self, name: str, wanted: Wanted) -> object:
        """One of the session's reads in the form that a function's parameter asks for.

        Only "pandas" collects rows into Python. "duckdb" and "pyspark" are the engines' own: a table whose
        function asks for another engine's is refused when definitions load.
        """
        ...

    def name(self, column: str) -> str:
        """A column's name, quoted as the engine's own SQL wants it."""
        ...

    def predicate(self, text: str, schema: Schema, *, file: str, line: int, table: str) -> str:
        """A condition of a table file, in Spark SQL, as a boolean in the engine's own SQL.

        Args:
            text: the condition, over bare column names.
            schema: the columns.
            file, line, table: where it stands, for errors.

        Raises:
            SqlError, ConfigErrors: an unknown column; types that do not fit; not a boolean; something else
                than a condition over the columns of one row.
        """
        ...

    def stage(
        self, relation: Relation, partition_by: Sequence[str] = (), schema: Schema | None = None
    ) -> Staged:
        """Writes the relation into a fresh folder `staged-<uuid4>` below the table: all rows, or an error.

        Args:
            relation: what to write. Its types are what is written; nothing is cast.
            partition_by: partition columns. NULL is a partition.
            schema: the schema that the relation must have, in this order; columns are put into this order by
                name. None: the relation's own.

        Raises:
            DataError: the schema differs, or a partition value is the empty string.
            StorageError: the disk is full, the folder cannot be written, or the spill limit is reached.
        """
        ...

    def staged(self, staged: Staged) -> Relation:
        """Reads back what was staged, plus `_path`: the staged file's path relative to the table."""
        ...

    def aggregate(
        self, relation: Relation, expressions: Mapping[str, str], by: Sequence[str] = ()
    ) -> list[dict[str, object]]:
        """Computes the expressions over the relation, in one pass; one dict a group, or one in all.

        Args:
            relation: what to aggregate.
            expressions: name -> aggregate in the engine's own SQL, made by this project of `name` and
                `predicate`, never taken from a user as it is.
            by: columns to group by; they come first in each dict.
        """
        ...

    def query(self, text: str, relations: Mapping[str, Relation]) -> list[dict[str, object]]:
        """The rows of a small question about relations, such as a few failing keys.

        Args:
            text: a SELECT in the engine's own SQL, made by this project of what SQL engines have in common
                and of `name` and `predicate`, that gives a few rows only.
            relations: name -> relation; the text uses the names as tables.
        """
        ...

    def drop(self, staged: Staged, condition: str) -> Staged:
        """Leaves out the staged rows for which the condition is true; only files that hold one are rewritten.

        Args:
            staged: what was staged by this session.
            condition: a boolean in the engine's own SQL over the staged columns.
        """
        ...

    def drop_missing(
        self, staged: Staged, columns: Sequence[str], table: str, other_columns: Sequence[str]
    ) -> Staged:
        """Leaves out the staged rows whose values (none of them NULL) do not occur in another read.

        Args:
            staged: what was staged by this session.
            columns: the columns that refer.
            table: one of the session's reads.
            other_columns: its columns, in the same order.
        """
        ...

    def drop_duplicates(
        self, staged: Staged, columns: Sequence[str], order: Sequence[tuple[str, bool]]
    ) -> Staged:
        """Leaves one row for each key: the first by `order`, and among equals always the same one.

        Args:
            staged: what was staged by this session.
            columns: the key; NULL is a value like any other.
            order: (column, descending); NULL comes last.
        """
        ...

    def upload(self, staged: Staged) -> None:
        """Puts the staged files where the table is; until then they are on this machine alone.

        To be called once, after the last check and before the staged files are handed over for publishing.
        On a local table there is nothing to do.

        Args:
            staged: what was staged by this session; none of its files is rewritten afterwards.

        Raises:
            StorageError, TransientError: the store refused or did not answer; some files may be there.
        """
        ...

    def unreadable(self, name: str) -> Mapping[str, str]:
        """Which of a landed read's files cannot be read, and why: each file tried alone, to its end.

        They cannot be parsed, or have other columns than the declared ones while another file has those.
        Where no file has the declared columns, or none are declared, it is `read` that raises a DataError.
        """
        ...


class Engine(Protocol):
    """Opens sessions. The environment chooses the engine, and a table may choose another for itself."""

    @property
    def name(self) -> str: ...

    def session(
        self, reads: Mapping[str, TableFiles | Landed], writes: str, *, table: str
    ) -> AbstractContextManager[Session]:
        """A session that can read exactly `reads` and write only staged folders below `writes`.

        The jail is closed before any user's SQL runs. Temporary files are gone when the session ends.

        Args:
            reads: the inputs by the name SQL and functions use, "layer.table".
            writes: the table's URL.
            table: the table's name, for messages.

        Raises:
            StorageError: an input's file is missing, or the table's folder cannot be made.
        """
        ...


__all__ = [
    "LANDED_COLUMNS",
    "PATH_COLUMN",
    "DataFile",
    "Engine",
    "Landed",
    "LandedFile",
    "Lineage",
    "Relation",
    "Session",
    "Staged",
    "TableFiles",
    "Wanted",
]
