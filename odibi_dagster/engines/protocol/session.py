"""One step's work on an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol.files import Staged
    from odibi_dagster.engines.protocol.relation import Relation, Wanted
    from odibi_dagster.sql.query import Query
    from odibi_dagster.sql.types import Schema, SparkType


class Session(Protocol):
    """One step's work on an engine. Everything it may read or write was named when it was opened."""

    @property
    def at_once(self) -> int:
        """How many calls of `aggregate` and `query` it takes at the same time, from several threads."""
        ...

    def read(self, name: str) -> Relation:
        """One of the session's inputs, with exactly its schema's columns, order and types.

        Raises:
            KeyError: the name is not among the session's reads.
            DataError: a landed file parses but has another schema, or a value is not of the declared type.
        """
        ...

    def matching(self, name: str, columns: Sequence[str], relation: Relation, own: Sequence[str]) -> Relation:
        """Columns of one of the session's reads: at least the rows that equal a row of the relation there.

        What cannot equal any need not be fetched.

        Args:
            name: the read.
            columns: its columns.
            relation: of this session.
            own: the relation's columns, in the same order.
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
