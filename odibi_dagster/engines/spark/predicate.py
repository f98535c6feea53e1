"""Conditions of table files, as Spark understands them."""

from __future__ import annotations

from typing import Any

from odibi_dagster.engines.spark.failures import explained
from odibi_dagster.errors import SqlError, Where


def checked(nothing: Any, text: str, *, file: str, line: int, table: str) -> str:
    """The condition itself, once Spark has seen that it is a boolean over the columns; nothing is computed.

    Args:
        nothing: a DataFrame with the columns and no rows.
        text: the condition, over bare column names.
        file, line, table: where it stands, for errors.

    Raises:
        SqlError, ConfigErrors: an unknown column; types that do not fit; not a boolean; something else than
            a condition over the columns of one row.
    """
    from odibi_dagster.sql.native import check_native_predicate

    condition = check_native_predicate(text, file=file, line=line, table=table)
    with explained(f"The expectation `{text}` cannot be asked", table=table, file=file, line=line):
        asked = nothing.selectExpr(f"({condition})")
        type = asked.schema.fields[0].dataType.simpleString()
    if type != "boolean":
        raise SqlError(
            "An expectation is a condition.",
            where=Where(table, file, line),
            why=f"`{text}` is {type}",
            remedy="Write something like: amount > 0",
        )
    return condition
