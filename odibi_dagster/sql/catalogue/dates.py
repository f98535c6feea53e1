"""Dates and timestamps. The session's time zone is UTC."""

from __future__ import annotations

import datetime

from odibi_dagster.sql import coerce
from odibi_dagster.sql.literals import date_literal
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import BIGINT, DATE, INT, INTEGRAL, STRING, TIMESTAMP, TIMESTAMP_NTZ, VOID

from .casts import convert
from .entry import Call, Entry

_FORMATS = {
    # Spark reads these strictly: the digits must be there, nothing before or behind.
    "yyyy-MM-dd": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
    "yyyy/MM/dd": (r"[0-9]{4}/[0-9]{2}/[0-9]{2}", "%Y/%m/%d"),
    "yyyyMMdd": (r"[0-9]{8}", "%Y%m%d"),
    "dd/MM/yyyy": (r"[0-9]{2}/[0-9]{2}/[0-9]{4}", "%d/%m/%Y"),
    "MM/dd/yyyy": (r"[0-9]{2}/[0-9]{2}/[0-9]{4}", "%m/%d/%Y"),
    "dd.MM.yyyy": (r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", "%d.%m.%Y"),
    "dd-MM-yyyy": (r"[0-9]{2}-[0-9]{2}-[0-9]{4}", "%d-%m-%Y"),
}
_UNITS = {
    "YEAR": "year",
    "YYYY": "year",
    "YY": "year",
    "QUARTER": "quarter",
    "MONTH": "month",
    "MON": "month",
    "MM": "month",
    "WEEK": "week",
}
_TIME_UNITS = _UNITS | {"DAY": "day", "DD": "day", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second"}


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


def _days(call: Call, at: int) -> str:
    if call.args[at].type not in INTEGRAL or call.args[at].type == BIGINT:
        raise call.refuse("The number of days or months is an INT.")
    return coerce.to(call.args[at], INT)


def to_date(call: Call) -> Typed:
    """to_date(x[, 'format']): raises on text that is no date."""
    value = call.args[0]
    if len(call.args) == 1:
        return call.result(day(call), DATE)
    format = call.literal(1)
    if format not in _FORMATS:
        raise call.refuse(
            f"Formats: {', '.join(_FORMATS)}.", f"to_date with the format '{format}' is not supported."
        )
    if value.type != STRING:
        raise call.refuse("A format is for text.")
    pattern, strptime = _FORMATS[format]
    failed = (
        f"error('the text ' || chr(39) || {value.sql} || chr(39) || ' is not a date in the form {format}')"
    )
    sql = (
        f"(CASE WHEN regexp_full_match({value.sql}, '{pattern}') "
        f"THEN CAST(strptime({value.sql}, '{strptime}') AS DATE) "
        f"WHEN {value.sql} IS NOT NULL THEN {failed} END)"
    )
    return call.result(sql, DATE)


def date_add(call: Call) -> Typed:
    """date_add and date_sub: days later, earlier."""
    sign = "-" if call.name == "date_sub" else "+"
    return call.result(f"({day(call)} {sign} {_days(call, 1)})", DATE)


def add_months(call: Call) -> Typed:
    """add_months: the same day of another month, or that month's last."""
    return call.result(f"CAST(({day(call)} + to_months({_days(call, 1)})) AS DATE)", DATE)


def datediff(call: Call) -> Typed:
    """datediff(end, start): days from start to end."""
    return call.result(f"CAST(({day(call, 0)} - {day(call, 1)}) AS INTEGER)", INT)


_PARTS = {
    "year": "year",
    "month": "month",
    "day": "day",
    "dayofmonth": "day",
    "quarter": "quarter",
    "dayofyear": "dayofyear",
    "weekofyear": "weekofyear",
}


def part(call: Call) -> Typed:
    """year, month, day, …: INT."""
    return call.result(f"CAST({_PARTS[call.name]}({day(call)}) AS INTEGER)", INT)


def dayofweek(call: Call) -> Typed:
    """dayofweek: 1 is Sunday, 7 Saturday."""
    return call.result(f"CAST((dayofweek({day(call)}) + 1) AS INTEGER)", INT)


def weekday(call: Call) -> Typed:
    """weekday: 0 is Monday, 6 Sunday."""
    return call.result(f"CAST((isodow({day(call)}) - 1) AS INTEGER)", INT)


def time_part(call: Call) -> Typed:
    """hour, minute, second of a timestamp, in UTC."""
    value = call.args[0]
    if value.type not in (TIMESTAMP, TIMESTAMP_NTZ):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP.")
    plain = value.sql if value.type == TIMESTAMP_NTZ else f"({value.sql} AT TIME ZONE 'UTC')"
    return call.result(f"CAST({call.name}({plain}) AS INTEGER)", INT)


def last_day(call: Call) -> Typed:
    """last_day: the last day of the date's month."""
    return call.result(f"last_day({day(call)})", DATE)


def trunc(call: Call) -> Typed:
    """trunc(date, 'unit'): the first day of the unit."""
    unit = call.literal(1)
    if not isinstance(unit, str) or unit.upper() not in _UNITS:
        raise call.refuse(f"Units: {', '.join(_UNITS)}.", "trunc takes a date and a literal unit.")
    return call.result(f"CAST(date_trunc('{_UNITS[unit.upper()]}', {day(call)}) AS DATE)", DATE)


def date_trunc(call: Call) -> Typed:
    """date_trunc('unit', timestamp): the beginning of the unit, in UTC."""
    unit, value = call.literal(0), call.args[1]
    if not isinstance(unit, str) or unit.upper() not in _TIME_UNITS:
        raise call.refuse(
            f"Units: {', '.join(_TIME_UNITS)}.", "date_trunc takes a literal unit and a timestamp."
        )
    if value.type not in (DATE, TIMESTAMP):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP.")
    moment = f"({coerce.to(value, TIMESTAMP)} AT TIME ZONE 'UTC')"
    return call.result(f"(date_trunc('{_TIME_UNITS[unit.upper()]}', {moment}) AT TIME ZONE 'UTC')", TIMESTAMP)


def current_timestamp(call: Call) -> Typed:
    """current_timestamp() and now(): one instant for the whole write, the same on every retry."""
    return combine(coerce.instant(call.now), TIMESTAMP, f"{call.name}()", nullable=False)


def current_date(call: Call) -> Typed:
    """current_date(): the day of current_timestamp(), in UTC."""
    today = call.now.astimezone(datetime.UTC).date()
    return combine(f"CAST('{today.isoformat()}' AS DATE)", DATE, "current_date()", nullable=False)


_D = "date, timestamp, text"
_YEARS = "years 1 to 9999"

TITLE = "Dates and times"
ENTRIES = (
    Entry(
        "to_date",
        f"{_D}[, literal format]",
        "date",
        to_date,
        (1, 2),
        literals=(1,),
        limits=f"{_YEARS}; formats {', '.join(_FORMATS)}",
    ),
    Entry("date_add", f"{_D}; int", "date", date_add, (2, 2), aliases=("dateadd",)),
    Entry("date_sub", f"{_D}; int", "date", date_add, (2, 2)),
    Entry("add_months", f"{_D}; int", "date", add_months, (2, 2)),
    Entry("datediff", f"{_D} twice", "int", datediff, (2, 2), aliases=("date_diff",), limits="no unit"),
    Entry("year", _D, "int", part),
    Entry("quarter", _D, "int", part),
    Entry("month", _D, "int", part),
    Entry("day", _D, "int", part, aliases=("dayofmonth",)),
    Entry("dayofyear", _D, "int", part),
    Entry("weekofyear", _D, "int", part, rule="ISO 8601 weeks"),
    Entry("dayofweek", _D, "int, 1 is Sunday", dayofweek),
    Entry("weekday", _D, "int, 0 is Monday", weekday),
    Entry("hour", "timestamp", "int", time_part, limits="UTC"),
    Entry("minute", "timestamp", "int", time_part, limits="UTC"),
    Entry("second", "timestamp", "int", time_part, limits="UTC"),
    Entry("last_day", _D, "date", last_day),
    Entry(
        "trunc",
        f"{_D}; literal unit",
        "date",
        trunc,
        (2, 2),
        literals=(1,),
        limits=f"units {', '.join(_UNITS)}",
    ),
    Entry(
        "date_trunc",
        "literal unit; date, timestamp",
        "timestamp",
        date_trunc,
        (2, 2),
        literals=(0,),
        limits=f"units {', '.join(_TIME_UNITS)}",
    ),
    Entry(
        "current_timestamp",
        "nothing",
        "timestamp",
        current_timestamp,
        (0, 0),
        aliases=("now",),
        limits="one instant a write, the same on every retry",
    ),
    Entry("current_date", "nothing", "date", current_date, (0, 0), aliases=("curdate",)),
)
