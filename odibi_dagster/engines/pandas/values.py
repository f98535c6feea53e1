"""Which rows of another table can equal some rows at hand: told by the values that these have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.pandas import prune, quote
from odibi_dagster.engines.pandas.needs import Combined, Comparison, Condition, Need
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.sql.types import INTEGRAL, Schema, SparkType, to_duckdb

#: So many different values of a column are asked for one by one; of more, the least and the greatest.
FEW = 200


def need(
    connection: Any,
    view: str,
    schema: Schema,
    columns: Sequence[str],
    table: TableFiles,
    others: Sequence[str],
) -> Need:
    """What rows of a table are needed to see which rows of a view have an equal there.

    Args:
        connection: the session's connection.
        view: a view of the rows at hand.
        schema: their columns.
        columns: those of the rows at hand.
        table: the other table.
        others: its columns, in the same order.
    """
    mine, theirs = ({c.name: c.type for c in each} for each in (schema, table.schema))
    parts = [
        condition
        for column, other in zip(columns, others, strict=True)
        if _alike(mine[column], theirs[other])
        and (condition := _condition(connection, view, column, other, to_duckdb(theirs[other])))
    ]
    return Need(frozenset(others), Combined("AND", tuple(parts)) if parts else None)


def _alike(mine: SparkType, theirs: SparkType) -> bool:
    """Whether both have one order, so that bounds of one say something of the other."""
    return prune.comparable(theirs) and (mine == theirs or (mine in INTEGRAL and theirs in INTEGRAL))


def _condition(connection: Any, view: str, column: str, other: str, type: str) -> Condition | None:
    label, source = quote.name(column), f"FROM {quote.name(view)}"
    text = f"SELECT DISTINCT CAST({label} AS VARCHAR) {source} WHERE {label} IS NOT NULL LIMIT {FEW + 1}"
    few = [value for (value,) in connection.execute(text).fetchall()]
    if not few:
        return None
    if len(few) <= FEW:
        return Combined("OR", tuple(_comparison(other, "=", value, type) for value in sorted(few)))
    text = f"SELECT CAST(min({label}) AS VARCHAR), CAST(max({label}) AS VARCHAR) {source}"
    ((low, high),) = connection.execute(text).fetchall()
    return Combined("AND", (_comparison(other, ">=", low, type), _comparison(other, "<=", high, type)))


def _comparison(column: str, operator: Any, value: str, type: str) -> Comparison:
    return Comparison(column, operator, f"CAST({quote.text(value)} AS {type})")
