"""The lazy result of the pandas engine: a DuckDB relation with Spark's types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.schema import of_result
from odibi_dagster.sql.types import VOID, Schema, SparkType, from_duckdb

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Lineage


@dataclass(frozen=True)
class DuckRelation:
    """A DuckDB relation that nothing has been computed of yet.

    Args:
        native: the `duckdb.DuckDBPyRelation`.
        schema: its columns in Spark's types.
        lineage: output column -> (input, column) pairs, or None when it is not known.
    """

    native: Any
    schema: Schema
    lineage: Lineage | None = None


def spark_schema(native: Any, *, table: str, what: str) -> Schema:
    """The relation's columns in Spark's types.

    Args:
        native: a `duckdb.DuckDBPyRelation`.
        table: the table being computed, for messages.
        what: what made the relation, such as "the result of customer_score".

    Raises:
        DataError: a column has a type that Spark does not have, or two columns have one name; all are named.
    """
    return of_result(
        (
            _column(name, str(native_type))
            for name, native_type in zip(native.columns, native.types, strict=True)
        ),
        table=table,
        what=what,
    )


def _column(name: str, native_type: str) -> tuple[str, SparkType | None, bool, str]:
    type = from_duckdb(native_type)
    return name, None if type == VOID else type, True, f"{native_type}: {_remedy(native_type)}"


def _remedy(type: str) -> str:
    if type == "HUGEINT":
        return "cast it to BIGINT (narwhals: .cast(nw.Int64)); a SUM of integers is a HUGEINT"
    if type.startswith("U") and type.endswith("INT"):
        return "cast it to a signed integer that is wide enough, such as BIGINT"
    if type == '"NULL"':
        return "all its values are NULL, so it has no type: cast it, such as to STRING"
    if type in ("TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS"):
        return "cast it to TIMESTAMP (microseconds)"
    return "cast it, such as to VARCHAR"
