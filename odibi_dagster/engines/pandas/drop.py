"""Which staged rows are to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.view import keep
from odibi_dagster.engines.protocol import PATH_COLUMN, ROW_COLUMN


def dirty(connection: Any, source: str, condition: str) -> list[str]:
    """The paths of the files that hold a row for which the condition is true."""
    text = f"SELECT DISTINCT {PATH_COLUMN} FROM ({source}) WHERE {condition} ORDER BY ALL"
    return [path for (path,) in connection.execute(text).fetchall()]


def missing(
    connection: Any, source: str, columns: Sequence[str], other: Any, other_columns: Sequence[str]
) -> str:
    """A table of the rows whose values, none of them NULL, are not in the other relation.

    Args:
        connection: the session's connection.
        source: a SELECT over numbered staged rows.
        columns: the columns that refer.
        other: the DuckDB relation they refer to.
        other_columns: its columns, in the same order.
    """
    pairs = zip(columns, other_columns, strict=True)
    same = " AND ".join(f"c.{quote.name(mine)} = o.{quote.name(theirs)}" for mine, theirs in pairs)
    there = " AND ".join(f"c.{quote.name(column)} IS NOT NULL" for column in columns)
    view = keep(connection, other)
    return _table(
        connection,
        f"SELECT c.{PATH_COLUMN}, c.{ROW_COLUMN} FROM ({source}) AS c "
        f"WHERE {there} AND NOT EXISTS (SELECT 1 FROM {view} AS o WHERE {same})",
    )


def duplicates(
    connection: Any,
    source: str,
    columns: Sequence[str],
    order: Sequence[tuple[str, bool]],
    values: Sequence[str],
) -> str:
    """A table of all rows but the first of each key.

    Rows that `order` does not tell apart are told apart by all their values, so that a retry leaves out the
    same rows, whichever file they are in.

    Args:
        connection: the session's connection.
        source: a SELECT over numbered staged rows.
        columns: the key; NULL is a value like any other.
        order: (column, descending): which row of a key comes first; NULL comes last.
        values: all columns.
    """
    keys = ", ".join(quote.name(column) for column in columns)
    used = {*columns, *(column for column, _ in order)}
    terms = [f"{quote.name(column)} {'DESC' if down else 'ASC'} NULLS LAST" for column, down in order]
    terms += [f"{quote.name(column)} NULLS LAST" for column in values if column not in used]
    terms += [PATH_COLUMN, ROW_COLUMN]
    rank = f"row_number() OVER (PARTITION BY {keys} ORDER BY {', '.join(terms)})"
    return _table(connection, f"SELECT {PATH_COLUMN}, {ROW_COLUMN} FROM ({source}) QUALIFY {rank} > 1")


def paths(connection: Any, table: str) -> list[str]:
    """The files that hold a row of the table of rows."""
    text = f"SELECT DISTINCT {PATH_COLUMN} FROM {table} ORDER BY ALL"
    return [path for (path,) in connection.execute(text).fetchall()]


def not_in(table: str) -> str:
    """A predicate over numbered rows: this row is not in the table of rows."""
    return f"({PATH_COLUMN}, {ROW_COLUMN}) NOT IN (SELECT ({PATH_COLUMN}, {ROW_COLUMN}) FROM {table})"


def _table(connection: Any, query: str) -> str:
    name = f"rows_{uuid4().hex}"
    connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
    return name
