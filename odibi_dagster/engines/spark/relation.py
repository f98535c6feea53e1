"""The lazy result of the Spark engine: a DataFrame, classic or over Connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.schema import of_result
from odibi_dagster.engines.spark import types
from odibi_dagster.sql.types import Schema, SparkType

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
    return of_result(map(_column, native.schema.fields), table=table, what=what)


def _column(field: Any) -> tuple[str, SparkType | None, bool, str]:
    type = types.found(field.dataType)
    return field.name, type, bool(field.nullable), _remedy(field.dataType.simpleString())


def _remedy(type: str) -> str:
    if type == "void":
        return "void: all its values are NULL, so it has no type: cast it, such as to STRING"
    return f"{type}: cast it, such as to STRING"
