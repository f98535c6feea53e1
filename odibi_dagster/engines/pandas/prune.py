"""Which files of a table can hold a row that meets a condition: by partition values, then by statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal as Number
from typing import Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.needs import Combined, Comparison, Condition
from odibi_dagster.engines.protocol import DataFile, TableFiles
from odibi_dagster.sql.types import (
    DATE,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Decimal,
    SparkType,
    to_duckdb,
)

#: A double says decimals of up to so many digits exactly, and writers put them into JSON as doubles.
EXACT_DIGITS = 15


def matching(connection: Any, table: TableFiles, condition: Condition | None) -> tuple[int, ...]:
    """The numbers of the files that can hold a row for which the condition is true; never one too few.

    DuckDB compares, with the columns' types, as in the query itself. Floats are not looked at: writers
    leave NaN out of their bounds.

    Args:
        connection: the session's connection, which has the macros that the condition uses.
        table: whose files; bounds are used where `DataFile.stats` has them.
        condition: None: every file.
    """
    import duckdb

    everything = tuple(range(len(table.files)))
    types = {column.name: column.type for column in table.schema if comparable(column.type)}
    names = sorted(types.keys() & set(_named(condition)))
    if condition is None or not names or not table.files:
        return everything
    items, values = [], list[list[Any]]()
    for name in names:
        bounds = [_bounds(file, name, name in table.partition_by) for file in table.files]
        type = to_duckdb(types[name])
        for part, texts in zip(("low", "high"), zip(*[b[:2] for b in bounds], strict=True), strict=True):
            values.append(list(texts))
            cast = f"TRY_CAST(unnest(${len(values)}::VARCHAR[]) AS {type})"
            if part == "high" and types[name] in (TIMESTAMP, TIMESTAMP_NTZ):
                cast += " + INTERVAL 1 MILLISECOND"  # Spark cuts a maximum down to ms
            items.append(f"{cast} AS {quote.name(f'{part}.{name}')}")
        values.append([b[2] for b in bounds])
        items.append(f"unnest(${len(values)}::BOOLEAN[]) AS {quote.name(f'null.{name}')}")
    text = (
        f"SELECT number FROM (SELECT unnest(range({len(table.files)})) AS number, {', '.join(items)}) "
        f"WHERE {_may(condition, types)} ORDER BY number"
    )
    try:
        return tuple(number for (number,) in connection.execute(text, values).fetchall())
    except duckdb.Error:
        return everything  # A constant that is no value of its type: the query itself says so.


def _may(condition: Condition, types: Mapping[str, SparkType]) -> str:
    """SQL over the bounds: true unless no row of the file can meet the condition."""
    if isinstance(condition, Combined):
        return "(" + f" {condition.word} ".join(_may(part, types) for part in condition.parts) + ")"
    if condition.column not in types:
        return "true"
    low, high, null = (quote.name(f"{part}.{condition.column}") for part in ("low", "high", "null"))
    below = {"=": "<=", "<": "<", "<=": "<="}.get(condition.operator)
    above = {"=": ">=", ">": ">", ">=": ">="}.get(condition.operator)
    tests = [f"coalesce({low} {below} {condition.value}, true)"] if below else []
    tests += [f"coalesce({high} {above} {condition.value}, true)"] if above else []
    return f"(NOT {null} AND {' AND '.join(tests)})"


def _named(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, Comparison):
        yield condition.column
    elif condition is not None:
        for part in condition.parts:
            yield from _named(part)


def comparable(type: SparkType) -> bool:
    """Whether a column's bounds say which values it can have: not of floats, nor of what is nested."""
    exact = isinstance(type, Decimal) and type.precision <= EXACT_DIGITS
    return exact or type in (*INTEGRAL, STRING, DATE, TIMESTAMP, TIMESTAMP_NTZ)


def _bounds(file: DataFile, column: str, partition: bool) -> tuple[str | None, str | None, bool]:
    """The least and the greatest value as text, None where it is not known, and whether all are NULL."""
    if partition:
        value = file.partition.get(column) or None
        return value, value, value is None
    stats: Mapping[str, Any] = file.stats
    nulls = (stats.get("nullCount") or {}).get(column)
    rows = stats.get("numRecords", file.rows)
    empty = isinstance(nulls, int) and isinstance(rows, int) and nulls == rows > 0
    low, high = ((stats.get(part) or {}).get(column) for part in ("minValues", "maxValues"))
    return _text(low), _text(high), empty


def _text(value: object) -> str | None:
    if value is None or isinstance(value, (bool, dict, list, bytes)):
        return None
    if isinstance(value, float):
        return format(Number(repr(value)), "f")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
