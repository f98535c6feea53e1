"""Times of day, and arithmetic with units of time. The session's time zone is UTC."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    INT,
    INTEGRAL,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    Decimal,
)

from . import dates
from .entry import Call, Entry
from .moments import as_instant, day, moment
from .text import integer

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_VALID = (
    "h BETWEEN 0 AND 23 AND mi BETWEEN 0 AND 59 AND s >= 0 AND s <= 60 "
    "AND mo BETWEEN 1 AND 12 AND d BETWEEN 1 AND 31"
)
_BUILT = "make_timestamp(y, mo, d, h, mi, 0::DOUBLE) + to_microseconds(CAST(s * 1000000 AS BIGINT))"
TIME_MACROS: tuple[str, ...] = (
    f"{_MACRO}make_time(y, mo, d, h, mi, s) AS CASE WHEN {_VALID} THEN {_BUILT} "
    "WHEN y IS NOT NULL AND mo IS NOT NULL AND d IS NOT NULL AND h IS NOT NULL AND mi IS NOT NULL "
    "AND s IS NOT NULL THEN error('there is no such time') END",
    f"{_MACRO}try_make_time(y, mo, d, h, mi, s) AS CASE WHEN {_VALID} "
    "AND d <= day(last_day(make_date(y, CASE WHEN mo BETWEEN 1 AND 12 THEN mo ELSE 1 END, 1))) "
    f"THEN {_BUILT} END",
    # Java's LocalDateTime.until: the last day counts only if its time has come; months have 32 days then.
    f"{_MACRO}packed_day(d) AS (year(d) * 12 + month(d)) * 32 + day(d)",
    f"{_MACRO}last_counted(a, b) AS CASE "
    "WHEN CAST(b AS DATE) > CAST(a AS DATE) AND CAST(b AS TIME) < CAST(a AS TIME) THEN CAST(b AS DATE) - 1 "
    "WHEN CAST(b AS DATE) < CAST(a AS DATE) AND CAST(b AS TIME) > CAST(a AS TIME) THEN CAST(b AS DATE) + 1 "
    "ELSE CAST(b AS DATE) END",
    f"{_MACRO}whole_months(a, b) AS (spark_packed_day(spark_last_counted(a, b)) - spark_packed_day(a)) // 32",
    f"{_MACRO}second_part(a) AS CAST(CAST(microsecond(a) AS DECIMAL(18,0)) * 0.000001 AS DECIMAL(8,6))",
)


def time_part(call: Call) -> Typed:
    """hour, minute, second, in UTC."""
    if call.args[0].type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS TIMESTAMP).")
    return call.result(f"CAST({call.name}({moment(call)}) AS INTEGER)", INT)


_FIELDS = {
    "year y years yr yrs": "year",
    "yearofweek": "isoyear",
    "quarter qtr": "quarter",
    "month mon mons months": "month",
    "week w weeks": "weekofyear",
    "day d days": "day",
    "dayofweek dow": "dayofweek",
    "dayofweek_iso dow_iso": "isodow",
    "doy": "dayofyear",
    "hour h hours hr hrs": "hour",
    "minute m min mins minutes": "minute",
    "second s sec seconds secs": "second",
}
_FIELD = {spelled: function for words, function in _FIELDS.items() for spelled in words.split()}
_TIMES = ("hour", "minute", "second")


def extract(call: Call) -> Typed:
    """extract(field FROM x), date_part('field', x): INT, seconds with their fraction as decimal(8,6)."""
    field, value = call.literal(0), call.args[1]
    function = _FIELD.get(field.lower()) if isinstance(field, str) else None
    if function is None:
        raise call.refuse(f"Fields: {', '.join(words.split()[0] for words in _FIELDS)}.")
    between = ", " if call.name == "date_part" else " FROM "
    name = f"{call.name}({field}{between}{value.name})"
    if value.type not in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to DATE or TIMESTAMP.")
    if function == "second":
        sql = f"spark_second_part({moment(call, 1)})"
        return call.result(sql, Decimal(8, 6), name=name)
    source = moment(call, 1) if function in _TIMES else day(call, 1)
    shift = " + 1" if function == "dayofweek" else ""
    return call.result(f"CAST({function}({source}){shift} AS INTEGER)", INT, name=name)


_TRUNC_UNITS = dates.UNITS | {
    "DAY": "day",
    "DD": "day",
    "HOUR": "hour",
    "MINUTE": "minute",
    "SECOND": "second",
    "MILLISECOND": "milliseconds",
    "MICROSECOND": "microseconds",
}


def date_trunc(call: Call) -> Typed:
    """date_trunc('unit', timestamp): the beginning of the unit, in UTC."""
    unit, value = call.literal(0), call.args[1]
    if not isinstance(unit, str) or unit.upper() not in _TRUNC_UNITS:
        raise call.refuse(
            f"Units: {', '.join(_TRUNC_UNITS)}.", "date_trunc takes a literal unit and a timestamp."
        )
    if value.type not in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP.")
    sql = f"date_trunc('{_TRUNC_UNITS[unit.upper()]}', {moment(call, 1)})"
    return call.result(as_instant(sql), TIMESTAMP)


_STEPS = {
    "MICROSECOND": ("microseconds", 1),
    "MILLISECOND": ("milliseconds", 1),
    "SECOND": ("seconds", 1),
    "MINUTE": ("minutes", 1),
    "HOUR": ("hours", 1),
    "DAY": ("days", 1),
    "DAYOFYEAR": ("days", 1),
    "WEEK": ("days", 7),
    "MONTH": ("months", 1),
    "QUARTER": ("months", 3),
    "YEAR": ("months", 12),
}
_MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
    "WEEK": 604_800_000_000,
}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def _unit(call: Call, units: dict[str, int] | dict[str, tuple[str, int]]) -> str:
    unit = call.literal(0)
    if not isinstance(unit, str) or unit.upper() not in units:
        raise call.refuse(f"Units, without quotes: {', '.join(units)}.")
    return unit.upper()


def timestampadd(call: Call) -> Typed:
    """timestampadd(UNIT, n, t), also dateadd and date_add with a unit: n units later."""
    word, factor = _STEPS[_unit(call, _STEPS)]
    value = call.args[2]
    if value.type not in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP.")
    count = integer(call, 1)
    count = f"CAST({count} AS BIGINT)" if word in ("microseconds", "milliseconds") else count
    amount = f"{count} * {factor}" if factor > 1 else count
    if word == "milliseconds":
        amount, word = f"{amount} * 1000", "microseconds"
    type = TIMESTAMP_NTZ if value.type == TIMESTAMP_NTZ else TIMESTAMP
    sql = f"({moment(call, 2)} + to_{word}({amount}))"
    names = ", ".join([str(call.literal(0)), *(arg.name for arg in call.args[1:])])
    return call.result(as_instant(sql, type), type, name=f"timestampadd({names})")


def timestampdiff(call: Call) -> Typed:
    """timestampdiff(UNIT, a, b), also datediff with a unit: whole units from a to b, cut towards 0."""
    unit = _unit(call, _MICROSECONDS | _MONTHS)
    for value in call.args[1:]:
        if value.type not in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
            raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP.")
    a, b = moment(call, 1), moment(call, 2)
    if unit in _MONTHS:
        sql = f"spark_whole_months({a}, {b}) // {_MONTHS[unit]}"
    else:
        sql = f"(epoch_us({b}) - epoch_us({a})) // {_MICROSECONDS[unit]}"
    names = ", ".join([str(call.literal(0)), *(arg.name for arg in call.args[1:])])
    return call.result(f"CAST({sql} AS BIGINT)", BIGINT, name=f"timestampdiff({names})")


def add(call: Call) -> Typed:
    """date_add(date, days) and date_add(UNIT, n, t)."""
    return timestampadd(call) if len(call.args) == 3 else dates.date_add(call)


def difference(call: Call) -> Typed:
    """datediff(end, start) and datediff(UNIT, start, end)."""
    return timestampdiff(call) if len(call.args) == 3 else dates.datediff(call)


def make_timestamp(call: Call) -> Typed:
    """make_timestamp(year, month, day, hour, minute, second): raises, or NULL in the try_ forms."""
    second = call.args[5]
    if second.type not in INTEGRAL and not (isinstance(second.type, Decimal) and second.type.scale <= 6):
        raise call.refuse(f"{second.name} is {second.type}: CAST it to DECIMAL(8,6).")
    wide = Decimal(16, 6)
    if isinstance(second.type, Decimal) and second.type.precision - second.type.scale > 10:
        raise call.refuse(f"CAST {second.name} to DECIMAL(8,6).")
    parts = [f"CAST({integer(call, at)} AS BIGINT)" for at in range(5)]
    parts.append(f"CAST({coerce.to(second, wide)} AS DECIMAL(16,6))")
    type = TIMESTAMP_NTZ if call.name.endswith("_ntz") else TIMESTAMP
    tried = "try_" if call.name.startswith("try_") else ""
    # The second 60 without a fraction is the next minute; with one there is no such time.
    last = f"CASE WHEN {parts[5]} > 60 THEN -1 ELSE {parts[5]} END"
    sql = f"spark_{tried}make_time({', '.join([*parts[:5], last])})"
    return call.result(as_instant(sql, type), type, nullable=True if tried else None)


_T = "date, timestamp, timestamp_ntz"
TITLE = "Times"
ENTRIES = (
    *(Entry(name, f"{_T}, text", "int", time_part, limits="UTC") for name in ("hour", "minute", "second")),
    *(
        Entry(name, f"field, {_T}", "int; decimal(8,6) for seconds", extract, (2, 2), literals=(0,))
        for name in ("extract", "date_part", "datepart")
    ),
    Entry("date_trunc", f"literal unit; {_T}", "timestamp", date_trunc, (2, 2), literals=(0,)),
    Entry(
        "date_add",
        f"date, timestamp, text; int; or UNIT, int, {_T}",
        "date; timestamp with a unit",
        add,
        (2, 3),
        aliases=("dateadd",),
    ),
    Entry(
        "datediff",
        f"date, timestamp, text twice; or UNIT, {_T} twice",
        "int; bigint with a unit",
        difference,
        (2, 3),
        aliases=("date_diff",),
        limits="with a unit: whole units",
    ),
    Entry("timestampadd", f"UNIT, int, {_T}", "timestamp", timestampadd, (3, 3), literals=(0,)),
    Entry("timestampdiff", f"UNIT, {_T} twice", "bigint", timestampdiff, (3, 3), literals=(0,)),
    *(
        Entry(
            name,
            "int five times, decimal or int",
            "timestamp_ntz" if name.endswith("ntz") else "timestamp",
            make_timestamp,
            (6, 6),
            limits="no time zone; seconds of at most 6 places",
        )
        for name in (
            "make_timestamp",
            "make_timestamp_ltz",
            "make_timestamp_ntz",
            "try_make_timestamp",
            "try_make_timestamp_ltz",
            "try_make_timestamp_ntz",
        )
    ),
)
