"""Numbers about a relation, computed in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.view import keep
from odibi_dagster.engines.protocol import Relation


def aggregate(
    connection: Any,
    query: str,
    expressions: Mapping[str, str],
    by: Sequence[str] = (),
) -> list[dict[str, object]]:
    """The expressions over the query's rows, grouped by `by`; one dict a group, or one in all.

    Args:
        connection: the session's connection.
        query: a SELECT.
        expressions: name -> aggregate in DuckDB SQL.
        by: columns to group by; they come first in each dict.
    """
    groups = [quote.name(column) for column in by]
    items = groups + [f"{expression} AS {quote.name(name)}" for name, expression in expressions.items()]
    text = f"SELECT {', '.join(items)} FROM ({query})"
    if groups:
        text += f" GROUP BY {', '.join(groups)}"
    names = [*by, *expressions]
    return [dict(zip(names, row, strict=True)) for row in connection.execute(text).fetchall()]


def rows(connection: Any, text: str, relations: Mapping[str, Relation]) -> list[dict[str, object]]:
    """The rows of a query over named relations; it must give a few rows only.

    Args:
        connection: the session's connection.
        text: a SELECT in DuckDB SQL.
        relations: name -> relation; the query uses the names as tables.
    """
    views = ", ".join(
        f"{quote.name(name)} AS (SELECT * FROM {keep(connection, relation.native)})"
        for name, relation in relations.items()
    )
    found = connection.execute(f"WITH {views} {text}" if views else text)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
