"""Which staged rows are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.protocol import PATH_COLUMN, ROW_COLUMN
from odibi_dagster.engines.spark import quote
from odibi_dagster.sql.types import Array, Map, Schema, SparkType, Struct

_PLACE = f"{PATH_COLUMN}, {ROW_COLUMN}"


def missing(source: str, columns: Sequence[str], other: str, other_columns: Sequence[str]) -> str:
    """A SELECT of the places of the rows whose values (none of them NULL) do not occur in another view.

    Args:
        source: a view of numbered staged rows.
        columns: the columns that refer.
        other: a view.
        other_columns: its columns, in the same order.
    """
    pairs = list(zip(columns, other_columns, strict=True))
    same = " AND ".join(f"s.{quote.name(mine)} = o.{quote.name(theirs)}" for mine, theirs in pairs)
    there = " AND ".join(f"s.{quote.name(mine)} IS NOT NULL" for mine in columns)
    absent = f"NOT EXISTS (SELECT 1 FROM {other} AS o WHERE {same})"
    return f"SELECT s.{PATH_COLUMN}, s.{ROW_COLUMN} FROM {source} AS s WHERE {there} AND {absent}"


def duplicates(source: str, columns: Sequence[str], order: Sequence[tuple[str, bool]], schema: Schema) -> str:
    """A SELECT of the places of all rows but the first of each key.

    Rows that `order` does not tell apart are told apart by all their values, so that a retry leaves out the
    same rows, whichever file they are in.

    Args:
        source: a view of numbered staged rows.
        columns: the key; NULL is a value like any other.
        order: (column, descending): which row of a key comes first; NULL comes last.
        schema: all columns.
    """
    used = {*columns, *(column for column, _ in order)}
    terms = [f"{quote.name(column)} {'DESC' if down else 'ASC'} NULLS LAST" for column, down in order]
    terms += [
        f"{_ordered(column.name, column.type)} NULLS LAST" for column in schema if column.name not in used
    ]
    terms += [PATH_COLUMN, ROW_COLUMN]
    rank = f"row_number() OVER (PARTITION BY {quote.names(columns)} ORDER BY {', '.join(terms)})"
    return f"SELECT {_PLACE} FROM (SELECT {_PLACE}, {rank} AS _rank FROM {source}) WHERE _rank > 1"


def _ordered(column: str, type: SparkType) -> str:
    """The column, or what stands for it in an order: Spark does not order maps."""
    return f"to_json({quote.name(column)})" if _holds_map(type) else quote.name(column)


def _holds_map(type: SparkType) -> bool:
    if isinstance(type, Array):
        return _holds_map(type.element)
    if isinstance(type, Struct):
        return any(_holds_map(field.type) for field in type.fields)
    return isinstance(type, Map)


def dirty(spark: Any, view: str, condition: str = "true") -> list[str]:
    """The files of a view's rows for which a condition is true."""
    found = spark.sql(f"SELECT DISTINCT {PATH_COLUMN} FROM {view} WHERE {condition}").collect()
    return sorted(row[0] for row in found)


def without(source: str, places: str, columns: Sequence[str]) -> str:
    """A SELECT of the rows of a numbered view that are at none of the places."""
    same = f"p.{PATH_COLUMN} = s.{PATH_COLUMN} AND p.{ROW_COLUMN} = s.{ROW_COLUMN}"
    items = ", ".join(f"s.{quote.name(column)}" for column in columns)
    return f"SELECT {items} FROM {source} AS s LEFT ANTI JOIN {places} AS p ON {same}"
