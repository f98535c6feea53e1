"""Dates and times read from text and written as text, by Spark's patterns."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.datetime_pattern import reader, writer
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    SparkType,
)

from .casts import convert
from .entry import Call, Entry
from .moments import day, instant, moment

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_WHAT = "'the text ' || chr(39) || s || chr(39) || ' is not in the form ' || form"
PATTERN_MACROS: tuple[str, ...] = (
    f"{_MACRO}read_time(s, exact, read, form) AS CASE WHEN regexp_full_match(s, exact) "
    f"THEN strptime(s, read) WHEN s IS NOT NULL THEN error({_WHAT}) END",
    # Spellings that Spark reads and DuckDB does not raise, instead of a silent NULL.
    f"{_MACRO}try_read_time(s, exact, loose, read, form) AS CASE WHEN regexp_full_match(s, exact) "
    f"THEN try_strptime(s, read) WHEN regexp_full_match(s, loose) THEN error({_WHAT}) END",
)


def _read(call: Call, *, forgiving: bool) -> str:
    """Text read by the pattern behind it, as DuckDB's TIMESTAMP."""
    value, pattern = call.args[0], call.literal(1)
    if not isinstance(pattern, str):
        raise call.refuse("The pattern is a literal.")
    if value.type not in (STRING, VOID):
        raise call.refuse("A pattern is for text.")
    how = reader(pattern)
    parts = [coerce.to(value, STRING), text(how.exact)]
    parts += [text(how.loose)] if forgiving else []
    parts += [text(how.strptime), text(pattern)]
    return f"spark_{'try_' if forgiving else ''}read_time({', '.join(parts)})"


def to_date(call: Call) -> Typed:
    """to_date(x[, 'pattern']) and try_to_date: a day; raises, or NULL, on text that is none."""
    forgiving = call.name.startswith("try_")
    nullable = True if forgiving else None
    if len(call.args) == 1:
        plain = forgiving and call.args[0].type == STRING
        sql = convert(call.args[0], DATE, forgiving=True) if plain else day(call)
        return call.result(sql, DATE, nullable=nullable)
    return call.result(f"CAST({_read(call, forgiving=forgiving)} AS DATE)", DATE, nullable=nullable)


def to_timestamp(call: Call) -> Typed:
    """to_timestamp(x[, 'pattern']), its _ltz form and try_to_timestamp: an instant; raises, or NULL."""
    forgiving = call.name.startswith("try_")
    nullable = True if forgiving else None
    if len(call.args) == 1:
        plain = forgiving and call.args[0].type == STRING
        sql = convert(call.args[0], TIMESTAMP, forgiving=True) if plain else instant(call)
        return call.result(sql, TIMESTAMP, nullable=nullable)
    sql = f"({_read(call, forgiving=forgiving)} AT TIME ZONE 'UTC')"
    return call.result(sql, TIMESTAMP, nullable=nullable)


_DEFAULT = "yyyy-MM-dd HH:mm:ss"


def unix_timestamp(call: Call) -> Typed:
    """unix_timestamp(x[, 'pattern']): seconds since 1970, cut towards 0; text by the pattern."""
    value = call.args[0]
    pattern = call.args[1].name if len(call.args) > 1 else _DEFAULT
    name = f"{call.name}({value.name}, {pattern})"
    if value.type in (STRING, VOID):
        pattern_ = call.args[1] if len(call.args) > 1 else Typed("", STRING, False, "", literal=_DEFAULT)
        sql = _read(Call(call.name, [value, pattern_]), forgiving=False)
    elif value.type in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        sql = moment(call)
    else:
        raise call.refuse("Give a text, a date or a timestamp.")
    return call.result(f"(epoch_us({sql}) // 1000000)", BIGINT, name=name)


def date_format(call: Call) -> Typed:
    """date_format(x, 'pattern'): text."""
    if call.args[0].type == VOID or call.args[0].type == STRING:
        raise call.refuse(f"CAST {call.args[0].name} to TIMESTAMP.")
    return call.result(_written(call, moment(call)), STRING)


def _written(call: Call, source: str) -> str:
    pattern = call.literal(1)
    if not isinstance(pattern, str):
        raise call.refuse("The pattern is a literal.")
    return writer(pattern, source)


def from_unixtime(call: Call) -> Typed:
    """from_unixtime(seconds[, 'pattern']): text of the time so many seconds after 1970."""
    if call.args[0].type not in INTEGRAL:
        raise call.refuse("CAST it to BIGINT.")
    source = f"make_timestamp({coerce.to(call.args[0], BIGINT)} * 1000000::BIGINT)"
    if len(call.args) > 1:
        return call.result(_written(call, source), STRING)
    name = f"from_unixtime({call.args[0].name}, {_DEFAULT})"
    return call.result(writer(_DEFAULT, source), STRING, name=name)


_READ = "literal pattern of yyyy, MM, M, MMM, MMMM, dd, d, HH, H, hh, h, mm, m, ss, s, .SSSSSS, a, 'text'"
_WRITE = "literal pattern of those, and of y, yy, L, D, DDD, E, EEEE, Q, QQQ, XXX, z, Z"
_RULE = "Datetime Patterns for Formatting and Parsing"
_YEARS = "text with years 0000 to 9999"


def _reading(name: str, returns: SparkType) -> Entry:
    emit = to_date if returns == DATE else to_timestamp
    takes = f"date, timestamp, text; text, {_READ}"
    return Entry(name, takes, str(returns), emit, (1, 2), literals=(1,), rule=_RULE, limits=_YEARS)


TITLE = "Dates and times as text"
ENTRIES = (
    *(_reading(name, DATE) for name in ("to_date", "try_to_date")),
    *(_reading(name, TIMESTAMP) for name in ("to_timestamp", "to_timestamp_ltz", "try_to_timestamp")),
    *(
        Entry(
            name,
            f"date, timestamp; text[, {_READ}]",
            "bigint",
            unix_timestamp,
            (1, 2),
            literals=(1,),
            rule=_RULE,
            limits=f"{_YEARS}; one argument at least",
        )
        for name in ("unix_timestamp", "to_unix_timestamp")
    ),
    Entry(
        "date_format", f"date, timestamp; {_WRITE}", "string", date_format, (2, 2), literals=(1,), rule=_RULE
    ),
    Entry(
        "from_unixtime", f"integer[, {_WRITE}]", "string", from_unixtime, (1, 2), literals=(1,), rule=_RULE
    ),
)
