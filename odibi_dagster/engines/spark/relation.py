"""The lazy result of the Spark engine: a DataFrame, classic or over Connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.spark import types
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Column, Schema

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Lineage


@dataclass(frozen=True)
class SparkRelation:
    """A DataFrame that nothing has been computed of yet.

    Args:
        native: the `pyspark.sql.DataFrame`.
        schema: its columns.
        lineage: output column -> (input, column) pairs, or None when it is not known.
    """

    native: Any
    schema: Schema
    lineage: Lineage | None = None


def spark_schema(native: Any, *, table: str, what: str) -> Schema:
    """The DataFrame's columns.

    Args:
        native: a `pyspark.sql.DataFrame`.
        table: the table being computed, for messages.
        what: what made it, such as "the result of customer_score".

    Raises:
        DataError: a column has a type that no table has, or two columns have one name; all are named.
    """
    columns, problems, seen = [], [], dict[str, str]()
    for field in native.schema.fields:
        if field.name.lower() in seen:
            problems.append(f"two columns are called {seen[field.name.lower()]!r} and {field.name!r}")
        seen[field.name.lower()] = field.name
        type = types.found(field.dataType)
        if type is None:
            problems.append(f"column {field.name!r} is {_remedy(field.dataType.simpleString())}")
        else:
            columns.append(Column(field.name, type, bool(field.nullable)))
    if problems:
        raise DataError(
            f"{what} has columns that no table can hold.",
            where=Where(table=table),
            why="; ".join(problems),
            remedy="Give each column a name of its own and one of the types a table has.",
        )
    return tuple(columns)


def _remedy(type: str) -> str:
    if type == "void":
        return "void: all its values are NULL, so it has no type: cast it, such as to STRING"
    return f"{type}: cast it, such as to STRING"
