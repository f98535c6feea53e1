"""Values in a form that both engines print exactly: epoch numbers, decimal text, lists."""

from __future__ import annotations

import json
import math
from decimal import Decimal as Exact
from typing import Any

from odibi_dagster.sql.types import (
    BINARY,
    DATE,
    DOUBLE,
    FLOAT,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Column,
    Decimal,
    Map,
    SparkType,
    Struct,
    quote,
)

_TIMES = (DATE, TIMESTAMP, TIMESTAMP_NTZ)


def _has_times(type: SparkType) -> bool:
    if isinstance(type, Array):
        return _has_times(type.element)
    if isinstance(type, Struct):
        return any(_has_times(field.type) for field in type.fields)
    return type in _TIMES or isinstance(type, Map)


def printed(sql: str, type: SparkType, engine: str, depth: int = 0) -> str:
    """An expression whose value Python receives exactly: times as epoch numbers, maps as their entries.

    Args:
        sql: an expression of that type.
        engine: `spark` or `duckdb`, whose SQL it is.
        depth: how many lambdas it stands in.
    """
    if not _has_times(type):
        return sql
    if isinstance(type, Map):
        entry = Struct((Column("key", type.key), Column("value", type.value)))
        return printed(f"map_entries({sql})", Array(entry), engine, depth)
    spark = engine == "spark"
    if isinstance(type, Array):
        inner = printed(item := f"e{depth}", type.element, engine, depth + 1)
        if inner == item:
            return sql
        return (
            f"transform({sql}, {item} -> {inner})"
            if spark
            else f"list_transform({sql}, lambda {item}: {inner})"
        )
    if isinstance(type, Struct):
        if not any(_has_times(field.type) for field in type.fields):
            return sql
        parts = []
        for at, field in enumerate(type.fields):
            name = f"`{field.name}`" if spark else quote(field.name)
            inner = printed(f"({sql}).{name}", field.type, engine, depth)
            parts.append(f"{inner} AS f{at}" if spark else f"f{at} := {inner}")
        make = "struct" if spark else "struct_pack"
        return f"CASE WHEN {sql} IS NOT NULL THEN {make}({', '.join(parts)}) END"
    if type == DATE:
        return f"unix_date({sql})" if spark else f"({sql} - DATE '1970-01-01')"
    if not spark:
        return f"epoch_us({sql})"
    return f"unix_micros({sql if type == TIMESTAMP else f'CAST({sql} AS TIMESTAMP)'})"


def recorded(value: Any, type: SparkType) -> Any:
    """A fetched value as JSON: decimals and doubles as text, binary as hexadecimal, structs as lists."""
    if value is None:
        return None
    if isinstance(type, Decimal):
        return format(Exact(value), f".{type.scale}f")
    if type in (DOUBLE, FLOAT):
        return repr(float(value))
    if type == BINARY:
        return bytes(value).hex()
    if isinstance(type, Array):
        return [recorded(item, type.element) for item in value]
    if isinstance(type, Map):
        return [[recorded(key, type.key), recorded(item, type.value)] for key, item in map(_parts, value)]
    if isinstance(type, Struct):
        return [recorded(item, field.type) for item, field in zip(_parts(value), type.fields, strict=True)]
    return value


def _parts(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def equal(ours: Any, theirs: Any, type: SparkType) -> bool:
    """Whether two recorded values are the same: exactly, and doubles to 1e-12 of their size."""
    if ours is None or theirs is None:
        return ours is theirs
    if type in (DOUBLE, FLOAT):
        left, right = float(ours), float(theirs)
        if left == right:
            return math.copysign(1, left) == math.copysign(1, right)
        return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=1e-12, abs_tol=0)
    if isinstance(type, Array):
        return len(ours) == len(theirs) and all(
            equal(a, b, type.element) for a, b in zip(ours, theirs, strict=True)
        )
    if isinstance(type, Map):
        return len(ours) == len(theirs) and all(
            equal(a[0], b[0], type.key) and equal(a[1], b[1], type.value)
            for a, b in zip(ours, theirs, strict=True)
        )
    if isinstance(type, Struct):
        return all(equal(a, b, field.type) for a, b, field in zip(ours, theirs, type.fields, strict=True))
    return bool(ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool))


def sort_key(row: list[Any]) -> str:
    """Puts rows without an order into one: doubles by their leading digits, as the last ones may differ."""
    return json.dumps([_rounded(value) for value in row], ensure_ascii=False)


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, str):
        try:
            return f"{float(value):.9e}"
        except ValueError:
            return value
    return value
