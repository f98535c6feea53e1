"""Spark's own types and ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.spark import quote
from odibi_dagster.sql.types import Array, Map, Schema, SparkType, Struct, from_delta, to_delta

if TYPE_CHECKING:
    from pyspark.sql.types import StructType


def ddl(type: SparkType) -> str:
    """The type as Spark SQL spells it in a CAST; names of fields are quoted."""
    if isinstance(type, Array):
        return f"ARRAY<{ddl(type.element)}>"
    if isinstance(type, Map):
        return f"MAP<{ddl(type.key)}, {ddl(type.value)}>"
    if isinstance(type, Struct):
        return f"STRUCT<{', '.join(f'{quote.name(f.name)}: {ddl(f.type)}' for f in type.fields)}>"
    return str(type).upper()


def found(native: Any) -> SparkType | None:
    """Our type for a `pyspark.sql.types.DataType`, or None where a table cannot hold it (VOID, INTERVAL, …).

    A type's JSON is the same in Spark and in a Delta log (Delta protocol, "Schema Serialization Format").
    """
    try:
        return from_delta(native.jsonValue())
    except (ValueError, KeyError, AttributeError):
        return None


def native(schema: Schema) -> StructType:
    """The schema as Spark's readers take it; every column may be NULL."""
    from pyspark.sql.types import StructType

    fields = [
        {"name": column.name, "type": to_delta(column.type), "nullable": True, "metadata": {}}
        for column in schema
    ]
    return StructType.fromJson({"type": "struct", "fields": fields})
