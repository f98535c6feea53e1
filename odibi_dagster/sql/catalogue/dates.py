"""Dates. The session's time zone is UTC."""

from __future__ import annotations

import datetime

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
)

from .entry import Call, Entry
from .moments import day, moment
from .text import integer

UNITS = {
    "YEAR": "year",
    "YYYY": "year",
    "YY": "year",
    "QUARTER": "quarter",
    "MONTH": "month",
    "MON": "month",
    "MM": "month",
    "WEEK": "week",
}
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES = {
    spelled: number
    for number, name in enumerate(
        ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"), 1
    )
    for spelled in (name, name[:3], name[:2])
}
DATE_MACROS: tuple[str, ...] = (
    "CREATE OR REPLACE TEMP MACRO spark_next_day(d, weekday) AS d + CAST(1 + ((weekday - 1 - isodow(d)) % 7 "
    "+ 7) % 7 AS INTEGER)",
    "CREATE OR REPLACE TEMP MACRO spark_months(a) AS year(a) * 12 + month(a)",
    "CREATE OR REPLACE TEMP MACRO spark_day_seconds(a) AS day(a) * 86400 + hour(a) * 3600 + minute(a) * 60 "
    "+ second(a)",
    # The same day of the month, or the last day of both: whole months; else parts of months of 31 days.
    "CREATE OR REPLACE TEMP MACRO spark_months_between(a, b) AS CASE WHEN day(a) = day(b) "
    "OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b)) "
    "THEN CAST(spark_months(a) - spark_months(b) AS DOUBLE) "
    "ELSE (spark_months(a) - spark_months(b)) + "
    "CAST(spark_day_seconds(a) - spark_day_seconds(b) AS DOUBLE) / 2678400::DOUBLE END",
    "CREATE OR REPLACE TEMP MACRO spark_months_rounded(x) AS floor(x * 1e8 + 0.5) / 1e8",
)


def _days(call: Call, at: int) -> str:
    if call.args[at].type not in INTEGRAL or call.args[at].type == BIGINT:
        raise call.refuse("The number of days or months is an INT.")
    return coerce.to(call.args[at], INT)


def date_add(call: Call) -> Typed:
    """date_add and date_sub: days later, earlier."""
    sign = "-" if call.name == "date_sub" else "+"
    name = f"{'date_sub' if sign == '-' else 'date_add'}({call.args[0].name}, {call.args[1].name})"
    return call.result(f"({day(call)} {sign} {_days(call, 1)})", DATE, name=name)


def add_months(call: Call) -> Typed:
    """add_months: the same day of another month, or that month's last."""
    return call.result(f"CAST(({day(call)} + to_months({_days(call, 1)})) AS DATE)", DATE)


def datediff(call: Call) -> Typed:
    """datediff(end, start): days from start to end."""
    return call.result(f"CAST(({day(call, 0)} - {day(call, 1)}) AS INTEGER)", INT)


def months_between(call: Call) -> Typed:
    """months_between(end, start[, rounded]): months of 31 days; rounded to 8 places unless told otherwise."""
    rounded = call.literal(2) if len(call.args) > 2 else True
    if not isinstance(rounded, bool) or (len(call.args) > 2 and call.args[2].type != BOOLEAN):
        raise call.refuse("Whether to round is a literal, true or false.")
    sql = f"spark_months_between({moment(call, 0)}, {moment(call, 1)})"
    sql = f"spark_months_rounded({sql})" if rounded else sql
    name = f"months_between({call.args[0].name}, {call.args[1].name}, {str(rounded).lower()})"
    return call.result(sql, DOUBLE, name=name)


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


def day_name(call: Call) -> Typed:
    """dayname and monthname: three letters, in English."""
    return call.result(f"{call.name}({day(call)})[1:3]", STRING)


def last_day(call: Call) -> Typed:
    """last_day: the last day of the date's month."""
    return call.result(f"last_day({day(call)})", DATE)


def next_day(call: Call) -> Typed:
    """next_day(date, 'weekday'): the first such day behind the date."""
    weekday = call.literal(1)
    if not isinstance(weekday, str) or weekday.strip().upper() not in _DAY_NAMES:
        raise call.refuse(f"The day of the week is a literal: {', '.join(_WEEK)}, or longer.")
    return call.result(f"spark_next_day({day(call)}, {_DAY_NAMES[weekday.strip().upper()]})", DATE)


def trunc(call: Call) -> Typed:
    """trunc(date, 'unit'): the first day of the unit."""
    unit = call.literal(1)
    if not isinstance(unit, str) or unit.upper() not in UNITS:
        raise call.refuse(f"Units: {', '.join(UNITS)}.", "trunc takes a date and a literal unit.")
    return call.result(f"CAST(date_trunc('{UNITS[unit.upper()]}', {day(call)}) AS DATE)", DATE)


def make_date(call: Call) -> Typed:
    """make_date(year, month, day): raises where there is no such day."""
    parts = ", ".join(f"CAST({integer(call, at)} AS BIGINT)" for at in range(3))
    return call.result(f"make_date({parts})", DATE)


def unix_date(call: Call) -> Typed:
    """unix_date: days since 1970-01-01."""
    if call.args[0].type != DATE:
        raise call.refuse("CAST it to DATE.")
    return call.result(f"CAST(({call.args[0].sql} - DATE '1970-01-01') AS INTEGER)", INT)


def date_from_unix_date(call: Call) -> Typed:
    """date_from_unix_date: the day so many days after 1970-01-01."""
    return call.result(f"(DATE '1970-01-01' + {integer(call, 0)})", DATE)


def current_timestamp(call: Call) -> Typed:
    """current_timestamp() and now(): one instant for the whole write, the same on every retry."""
    return combine(coerce.instant(call.now), TIMESTAMP, f"{call.name}()", nullable=False)


def current_date(call: Call) -> Typed:
    """current_date(): the day of current_timestamp(), in UTC."""
    today = call.now.astimezone(datetime.UTC).date()
    return combine(f"CAST('{today.isoformat()}' AS DATE)", DATE, "current_date()", nullable=False)


_D = "date, timestamp, text"
TITLE = "Dates"
ENTRIES = (
    Entry("date_sub", f"{_D}; int", "date", date_add, (2, 2)),
    Entry("add_months", f"{_D}; int", "date", add_months, (2, 2)),
    Entry("months_between", f"{_D} twice[, boolean]", "double", months_between, (2, 3)),
    Entry("year", _D, "int", part),
    Entry("quarter", _D, "int", part),
    Entry("month", _D, "int", part),
    Entry("day", _D, "int", part, aliases=("dayofmonth",)),
    Entry("dayofyear", _D, "int", part),
    Entry("weekofyear", _D, "int", part, rule="ISO 8601 weeks"),
    Entry("dayofweek", _D, "int, 1 is Sunday", dayofweek),
    Entry("weekday", _D, "int, 0 is Monday", weekday),
    Entry("dayname", _D, "string", day_name),
    Entry("monthname", _D, "string", day_name),
    Entry("last_day", _D, "date", last_day),
    Entry("next_day", f"{_D}; literal weekday", "date", next_day, (2, 2), literals=(1,)),
    Entry(
        "trunc",
        f"{_D}; literal unit",
        "date",
        trunc,
        (2, 2),
        literals=(1,),
        limits=f"units {', '.join(UNITS)}",
    ),
    Entry("make_date", "int, int, int", "date", make_date, (3, 3)),
    Entry("unix_date", "date", "int", unix_date),
    Entry("date_from_unix_date", "int", "date", date_from_unix_date),
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
