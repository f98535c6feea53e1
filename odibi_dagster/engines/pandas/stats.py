"""Delta statistics from what COPY … RETURN_STATS says of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from odibi_dagster.engines.bounds import Value, floats, number
from odibi_dagster.sql.types import (
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Decimal,
    Map,
    Schema,
    SparkType,
    Struct,
)

#: Delta's default for `delta.dataSkippingNumIndexedCols`.
INDEXED_COLUMNS = 32
#: Delta's default length of a string in statistics.
PREFIX = 32
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(\+00)?")


def delta(schema: Schema, columns: Mapping[str, Mapping[str, str]], rows: int) -> dict[str, Any]:
    """Delta's statistics object for one file.

    Never excludes a value: where a bound is not certain, there is none. NULL counts and numRecords are exact.
    No bounds for booleans, binary, nested types, nor for floats with NaN.

    Args:
        schema: the file's columns in the table's order, without partition columns.
        columns: COPY's `column_statistics`: quoted name -> min, max, null_count, has_nan, …
        rows: the file's number of rows.

    Returns:
        numRecords, minValues, maxValues, nullCount as the Delta protocol's "Per-file Statistics" has them.
    """
    low: dict[str, Value] = {}
    high: dict[str, Value] = {}
    nulls: dict[str, int] = {}
    for column in schema[:INDEXED_COLUMNS]:
        found = columns.get('"' + column.name.replace('"', '""') + '"')
        if found is None or isinstance(column.type, (Array, Map, Struct)):
            continue
        if "null_count" in found:
            nulls[column.name] = int(found["null_count"])
        if "min" not in found or "max" not in found or found.get("has_nan", "false") != "false":
            continue
        bounds = _bounds(column.type, found)
        if bounds is not None:
            low[column.name], high[column.name] = bounds
    return {"numRecords": rows, "minValues": low, "maxValues": high, "nullCount": nulls}


def _bounds(type: SparkType, found: Mapping[str, str]) -> tuple[Value, Value] | None:
    low, high = found["min"], found["max"]
    if type == STRING:
        exact = len(high) <= PREFIX and found.get("max_is_exact") == "true"
        top = high if exact else _above(high)
        return None if top is None else (low[:PREFIX], top)
    if found.get("min_is_exact") != "true" or found.get("max_is_exact") != "true":
        return None
    if type in INTEGRAL:
        return int(low), int(high)
    if isinstance(type, Decimal):
        return number(low), number(high)
    if type in (FLOAT, DOUBLE) and "has_nan" in found:
        return floats(float(low), float(high))
    if type == DATE:
        return (low, high) if _DATE.fullmatch(low) and _DATE.fullmatch(high) else None
    if type in (TIMESTAMP, TIMESTAMP_NTZ):
        first, last = _milliseconds(low, up=False), _milliseconds(high, up=True)
        zone = "Z" if type == TIMESTAMP else ""
        return None if first is None or last is None else (first + zone, last + zone)
    return None


def _milliseconds(text: str, *, up: bool) -> str | None:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None  # infinity, or a year of other than four digits
    micros = int((match[2] or "0").ljust(6, "0"))
    millis = -(-micros // 1000) if up else micros // 1000
    try:
        moment = datetime.fromisoformat(match[1]) + timedelta(milliseconds=millis)
    except (OverflowError, ValueError):
        return None
    return moment.isoformat(timespec="milliseconds")


def _above(text: str) -> str | None:
    """A string of at most PREFIX characters that sorts above every string that begins like `text`."""
    prefix = text[:PREFIX]
    while prefix:
        point = ord(prefix[-1])
        if point < 0x10FFFF:
            after = 0xE000 if point == 0xD7FF else point + 1
            return prefix[:-1] + chr(after)
        prefix = prefix[:-1]
    return None


def partition_values(
    schema: Schema, partition_by: Sequence[str], keys: Mapping[str, str | None]
) -> dict[str, str | None]:
    """The partition values in Delta's serialization, from COPY's `partition_keys`.

    Timestamps are UTC without an offset (Delta protocol, "Partition Value Serialization").
    """
    types = {column.name: column.type for column in schema}
    values: dict[str, str | None] = {}
    for name in partition_by:
        value = keys[name]
        if value is not None and types[name] == TIMESTAMP:
            value = value.removesuffix("+00")
        values[name] = value
    return values
