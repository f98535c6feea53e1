"""Numbers about a relation, computed in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from odibi_dagster.engines.protocol import Relation
from odibi_dagster.engines.spark import quote, types
from odibi_dagster.engines.spark.view import Views
from odibi_dagster.sql.types import TIMESTAMP

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def aggregate(
    spark: Any, view: str, expressions: Mapping[str, str], by: Sequence[str] = ()
) -> list[dict[str, object]]:
    """The expressions over a view's rows, grouped by `by`; one dict a group, or one in all.

    Args:
        spark: the session.
        view: the view's name.
        expressions: name -> aggregate in Spark SQL.
        by: columns to group by; they come first in each dict.
    """
    items = [quote.name(column) for column in by]
    items += [f"{expression} AS {quote.name(name)}" for name, expression in expressions.items()]
    text = f"SELECT {', '.join(items)} FROM {view}"
    if by:
        text += f" GROUP BY {quote.names(by)}"
    return collect(spark.sql(text))


def rows(spark: Any, text: str, relations: Mapping[str, Relation], views: Views) -> list[dict[str, object]]:
    """The rows of a query over named relations; it must give a few rows only.

    Args:
        spark: the session.
        text: a SELECT in Spark SQL.
        relations: name -> relation; the query uses the names as tables.
        views: the step's.
    """
    named = ", ".join(
        f"{quote.name(name)} AS (SELECT * FROM {views.keep(relation.native)})"
        for name, relation in relations.items()
    )
    return collect(spark.sql(f"WITH {named} {text}" if named else text))


def collect(frame: Any) -> list[dict[str, object]]:
    """A few rows as dicts; instants are in UTC, whatever the zone of this process."""
    fields = frame.schema.fields
    instants = {field.name for field in fields if types.found(field.dataType) == TIMESTAMP}
    if instants:
        items = (
            f"unix_micros({quote.name(field.name)})" if field.name in instants else quote.name(field.name)
            for field in fields
        )
        frame = frame.selectExpr(*items)
    names = [field.name for field in fields]
    numbered = [f"c{number}" for number in range(len(names))]
    found = (row.asDict(recursive=True).values() for row in frame.toDF(*numbered).collect())
    return [
        {
            name: _EPOCH + timedelta(microseconds=value) if name in instants and value is not None else value
            for name, value in zip(names, values, strict=True)
        }
        for values in found
    ]
