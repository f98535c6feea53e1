"""Spark's order of values: NULL is the least, also inside of arrays and structs; NaN is the greatest."""

from __future__ import annotations

from odibi_dagster.sql.typed import text
from odibi_dagster.sql.types import Array, Map, SparkType, Struct


def is_orderable(type: SparkType) -> bool:
    """Whether Spark has an order for the type: maps have none."""
    if isinstance(type, Array):
        return is_orderable(type.element)
    if isinstance(type, Struct):
        return all(is_orderable(field.type) for field in type.fields)
    return not isinstance(type, Map)


def has_maps(type: SparkType) -> bool:
    """Whether there is a map in the type: Spark compares none."""
    return not is_orderable(type)


_TEXT = "'', 'ASC NULLS FIRST'"


def sort_key(sql: str, type: SparkType, *more: str, depth: int = 0) -> str:
    """DuckDB text of a key that is ordered as Spark orders the values.

    DuckDB's own order of arrays and structs has NULL as the greatest of their parts. Keys of one type end
    by themselves, so those of an array's elements can stand behind each other.

    Args:
        more: further values with their order, `x, 'DESC NULLS FIRST'`.
    """
    parts = [f"{part}, 'ASC NULLS FIRST'" for part in _leaves(sql, type, depth)]
    return f"create_sort_key({', '.join([*parts, *more])})"


def _leaves(sql: str, type: SparkType, depth: int) -> list[str]:
    if isinstance(type, Struct):
        leaves = [f"({sql} IS NOT NULL)"]
        for field in type.fields:
            leaves += _leaves(f"struct_extract({sql}, {text(field.name)})", field.type, depth)
        return leaves
    if isinstance(type, Array):
        item = f"spark_k{depth}"
        # A short key would be a number; with a text in it, it is bytes.
        key = f"hex({sort_key(item, type.element, _TEXT, depth=depth + 1)})"
        return [f"array_to_string(list_transform({sql}, lambda {item}: {key}), '')"]
    return [sql]
