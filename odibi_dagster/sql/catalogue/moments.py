"""What functions of times share: arguments as days and as wall-clock times in UTC."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.literals import date_literal, timestamp_literal
from odibi_dagster.sql.types import DATE, STRING, TIMESTAMP, TIMESTAMP_NTZ, VOID, SparkType

from .casts import convert
from .entry import Call


def day(call: Call, at: int = 0) -> str:
    """An argument as a DATE: dates, timestamps (their day in UTC), text as CAST reads it.

    Raises:
        Refusal: another type.
    """
    arg = call.args[at]
    if arg.type in (DATE, VOID):
        return coerce.to(arg, DATE)
    if isinstance(arg.literal, str) and arg.type == STRING:
        return date_literal(arg.literal)
    if arg.type in (TIMESTAMP, TIMESTAMP_NTZ, STRING):
        return convert(arg, DATE, forgiving=False)
    raise call.refuse(f"{arg.name} is {arg.type}: give a date.")


def moment(call: Call, at: int = 0) -> str:
    """An argument as a DuckDB TIMESTAMP, the wall clock in UTC: times, dates, text as CAST reads it.

    Raises:
        Refusal: another type.
    """
    arg = call.args[at]
    if arg.type == TIMESTAMP_NTZ:
        return arg.sql
    if arg.type == DATE:
        return f"CAST({arg.sql} AS TIMESTAMP)"
    return f"({instant(call, at)} AT TIME ZONE 'UTC')"


def instant(call: Call, at: int = 0) -> str:
    """An argument as a TIMESTAMP: times, dates, text as CAST reads it.

    Raises:
        Refusal: another type.
    """
    arg = call.args[at]
    if arg.type in (TIMESTAMP, VOID):
        return coerce.to(arg, TIMESTAMP)
    if isinstance(arg.literal, str) and arg.type == STRING:
        return timestamp_literal(arg.literal)
    if arg.type in (DATE, TIMESTAMP_NTZ, STRING):
        return convert(arg, TIMESTAMP, forgiving=False)
    raise call.refuse(f"{arg.name} is {arg.type}: CAST it to TIMESTAMP.")


def as_instant(sql: str, type: SparkType = TIMESTAMP) -> str:
    """A wall-clock time in UTC as a value of TIMESTAMP or TIMESTAMP_NTZ."""
    return sql if type == TIMESTAMP_NTZ else f"({sql} AT TIME ZONE 'UTC')"
