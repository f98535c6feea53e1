"""CAST and TRY_CAST: the pairs that can be made exact."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.refusal import PYTHON_INSTEAD, Refusal
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    Decimal,
    SparkType,
    to_duckdb,
)

from .entry import Call, Entry


def convert(value: Typed, type: SparkType, *, forgiving: bool) -> str:
    """DuckDB text of CAST(value AS type), or of TRY_CAST if forgiving.

    Raises:
        Refusal: the pair of types is not exact, or not allowed in ANSI mode.
    """
    source, target, cast = value.type, to_duckdb(type), "TRY_CAST" if forgiving else "CAST"
    attempt = "try_" if forgiving else ""
    if source == type:
        return value.sql
    if source == VOID:
        return f"CAST(NULL AS {target})"
    if source == STRING:
        if type in INTEGRAL or type in (BOOLEAN, DATE, TIMESTAMP):
            return f"spark_{attempt}{type}({value.sql})"
        if type == DOUBLE or isinstance(type, Decimal):
            kind = "double" if type == DOUBLE else "decimal"
            return f"{cast}(spark_{attempt}{kind}_text({value.sql}) AS {target})"
        if type == BINARY:
            return f"encode({value.sql})"
    elif source == BINARY:
        if type == STRING:
            return f"decode({value.sql})"
    elif source in INTEGRAL:
        if type in INTEGRAL or type == DOUBLE or isinstance(type, Decimal) or type in (STRING, BOOLEAN):
            return f"{cast}({value.sql} AS {target})"
        if type == TIMESTAMP:
            return f"make_timestamptz(CAST({value.sql} AS BIGINT) * 1000000::BIGINT)"
    elif isinstance(source, Decimal):
        if isinstance(type, Decimal):
            return f"{cast}({value.sql} AS {target})"
        if type in INTEGRAL:
            return f"{cast}(trunc({value.sql}) AS {target})"
        if type == DOUBLE:
            return coerce.decimal_to_double(value)
        if type == STRING:
            return (
                f"spark_plain_text({value.sql})"
                if source.precision == source.scale
                else f"CAST({value.sql} AS VARCHAR)"
            )
        if type == BOOLEAN:
            return f"({value.sql} <> 0)"
    elif source in (DOUBLE, FLOAT):
        if source == FLOAT and type == DOUBLE:
            return f"CAST({value.sql} AS DOUBLE)"
        if source == DOUBLE and type in INTEGRAL:
            return f"{cast}(trunc({value.sql}) AS {target})"
        if type == BOOLEAN:
            return f"({value.sql} <> 0)"
        if source == DOUBLE and isinstance(type, Decimal):
            # Spark rounds the digits that the number prints, not its binary value.
            return f"{cast}(CAST({value.sql} AS VARCHAR) AS {target})"
        if type == STRING:
            raise Refusal(f"{source} as text depends on the Java version.", "CAST it to DECIMAL first.")
    elif source == BOOLEAN:
        if type in INTEGRAL or type in (STRING, DOUBLE):
            return f"CAST({value.sql} AS {target})"
        if isinstance(type, Decimal):
            return f"{cast}(CAST({value.sql} AS INTEGER) AS {target})"
    elif source == DATE:
        if type in (STRING, TIMESTAMP, TIMESTAMP_NTZ):
            return f"CAST({value.sql} AS {target})"
    elif source == TIMESTAMP:
        if type == DATE:
            return f"CAST(({value.sql} AT TIME ZONE 'UTC') AS DATE)"
        if type == TIMESTAMP_NTZ:
            return f"({value.sql} AT TIME ZONE 'UTC')"
        if type == STRING:
            return f"CAST(({value.sql} AT TIME ZONE 'UTC') AS VARCHAR)"
        if type in INTEGRAL:
            return f"{cast}(spark_floor_div(epoch_us({value.sql}), 1000000) AS {target})"
        if type == DOUBLE:
            return f"(epoch_us({value.sql}) / 1000000::DOUBLE)"
    elif source == TIMESTAMP_NTZ:
        if type in (DATE, STRING):
            return f"CAST({value.sql} AS {target})"
        if type == TIMESTAMP:
            return f"({value.sql} AT TIME ZONE 'UTC')"
    raise Refusal(f"CAST of {source} to {type} is not supported.", PYTHON_INSTEAD)


def cast(call: Call, type: SparkType, *, forgiving: bool) -> Typed:
    """CAST(x AS type) and TRY_CAST(x AS type)."""
    value = call.args[0]
    word = "TRY_CAST" if forgiving else "CAST"
    spelled = f"{word}({value.name} AS {str(type).upper()})"
    nullable = value.nullable or forgiving
    return combine(convert(value, type, forgiving=forgiving), type, spelled, value, nullable=nullable)


def _never(call: Call) -> Typed:
    raise AssertionError("the compiler reads the target type first")


_PAIRS = (
    "integers, decimals and doubles among each other; text to number, boolean, date, timestamp; "
    "number (not double), boolean, date, timestamp to text; date and timestamp; number to boolean; "
    "integer to and from timestamp (seconds), timestamp to double; text and binary"
)
_FORMS = (
    "text: [+-]digits; decimals and exponents for decimal and double; yyyy[-m[-d]]; "
    "yyyy-m-d[ h:m[:s[.f]][zone]]; timestamps with years 0001 to 9999 without a sign (others raise)"
)

TITLE = "Casts"
ENTRIES = (
    Entry(
        "CAST",
        _PAIRS,
        "the type named",
        _never,
        node=exp.Cast,
        rule="ANSI compliance: CAST",
        limits=f"{_FORMS}; ASCII digits; no double to text; no nested types; decimals round half up, "
        "to integers they are cut",
    ),
    Entry(
        "TRY_CAST",
        _PAIRS,
        "the type named, NULL where CAST raises",
        _never,
        node=exp.TryCast,
        rule="ANSI compliance: TRY_CAST",
        limits="as CAST",
    ),
)
