"""What Spark's Delta writes about a file, held to what `DataFile` promises."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
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


def delta(schema: Schema, told: str) -> dict[str, Any]:
    """Delta's statistics object for one file, such that no bound excludes a value.

    Spark cuts a timestamp's maximum down to milliseconds, and writes "NaN" for a maximum that is no number:
    the one is raised, the other left out. No bounds for booleans, binary and nested types, as on the pandas
    engine.

    Args:
        schema: the file's columns, without partition columns.
        told: `stats` of the log's add action, JSON.

    Returns:
        numRecords, minValues, maxValues, nullCount as the Delta protocol's "Per-file Statistics" has them.
    """
    stats = json.loads(told, parse_float=str)
    lows, highs, nulls = (stats.get(key, {}) for key in ("minValues", "maxValues", "nullCount"))
    low: dict[str, Value] = {}
    high: dict[str, Value] = {}
    for column in schema:
        if column.name not in lows or column.name not in highs:
            continue
        bounds = _bounds(column.type, lows[column.name], highs[column.name])
        if bounds is not None:
            low[column.name], high[column.name] = bounds
    flat = {column.name for column in schema if not isinstance(column.type, (Array, Map, Struct))}
    counts = {name: int(count) for name, count in nulls.items() if name in flat}
    return {"numRecords": int(stats["numRecords"]), "minValues": low, "maxValues": high, "nullCount": counts}


def _bounds(type: SparkType, low: Any, high: Any) -> tuple[Value, Value] | None:
    if low is None or high is None:
        return None
    if isinstance(type, Decimal):
        return number(str(low)), number(str(high))
    if type in (FLOAT, DOUBLE):
        return _floats(str(low), str(high), single=type == FLOAT)
    if type in (TIMESTAMP, TIMESTAMP_NTZ):
        top = _later(str(high))
        return None if top is None else (low, top)
    if type in INTEGRAL or type in (STRING, DATE):
        return low, high
    return None


def _floats(low: str, high: str, *, single: bool) -> tuple[float, float] | None:
    try:
        first, last = float(low), float(high)
    except ValueError:
        return None
    if single:  # printed with as many digits as a FLOAT needs: as a DOUBLE that is another number
        first, last = (struct.unpack("f", struct.pack("f", value))[0] for value in (first, last))
    return floats(first, last)


def _later(text: str) -> str | None:
    """The first millisecond behind a timestamp that was cut to milliseconds."""
    zone = "Z" if text.endswith("Z") else ""
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z")) + timedelta(milliseconds=1)
    except (OverflowError, ValueError):
        return None  # a year of other than four digits
    return moment.isoformat(timespec="milliseconds") + zone


def partition_values(schema: Schema, values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The log's partition values; timestamps are UTC without an offset (Delta protocol, "Partition Value
    Serialization")."""
    types = {column.name: column.type for column in schema}
    return {
        name: value.replace("T", " ").removesuffix("Z")
        if value is not None and types[name] in (TIMESTAMP, TIMESTAMP_NTZ)
        else value
        for name, value in values.items()
    }
