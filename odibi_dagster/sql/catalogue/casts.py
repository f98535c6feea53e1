"""CAST and TRY_CAST: the pairs that can be made exact."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.refusal import PYTHON_INSTEAD, Refusal
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
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

# Spark trims every character up to U+0020 around a text that is read as something else, and U+007F unless the
# text is read as a number with a point (there Java's own trim is at work).
_CONTROLS = " || ".join(f"chr({code})" for code in range(33))
_TRIM = f"trim(s, {_CONTROLS} || chr(127))"
_TRIM_NUMBER = f"trim(s, {_CONTROLS})"
_INTEGER = r"[+-]?[0-9]+"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DATE_PATTERN = r"[0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2}([ T].*)?)?)?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_MOMENT = (
    rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}[ T][0-9]{{1,2}}:[0-9]{{1,2}}(:[0-9]{{1,2}}(\.[0-9]*)?)?{_ZONE}"
)
# Spellings that Spark reads and these macros do not: they raise, also in TRY_CAST, instead of a silent NULL.
_STRANGE_DATE = r"[+-]?[0-9]{4,7}(-[0-9]{1,2}(-[0-9]{1,2}([ T].*)?)?)?"
_STRANGE_TIME = rf"{_STRANGE_DATE}|T?[0-9]{{1,2}}:[0-9]{{1,2}}.*"


def _gate(name: str, type: str, pattern: str) -> tuple[str, str]:
    """The strict and the forgiving macro for text that must match a pattern before DuckDB may read it."""
    read = f"CASE WHEN regexp_full_match({_TRIM}, '{pattern}') THEN"
    what = f"is not a {name}: use TRY_CAST, or clean it first"
    failed = f"error('the text ' || chr(39) || s || chr(39) || ' {what}')"
    return (
        f"CREATE OR REPLACE TEMP MACRO spark_{name}(s) AS {read} CAST({_TRIM} AS {type}) "
        f"WHEN s IS NOT NULL THEN {failed} END",
        f"CREATE OR REPLACE TEMP MACRO spark_try_{name}(s) AS {read} TRY_CAST({_TRIM} AS {type}) END",
    )


_DAY = "regexp_extract({trim}, '^([0-9]{{4}})-?([0-9]*)-?([0-9]*)', {group})"


def _day(trim: str) -> str:
    """`yyyy[-m[-d]]` as DuckDB's date text."""
    year, month, day = (_DAY.format(trim=trim, group=group) for group in (1, 2, 3))
    return (
        f"{year} || '-' || CASE {month} WHEN '' THEN '1' ELSE {month} END"
        f" || '-' || CASE {day} WHEN '' THEN '1' ELSE {day} END"
    )


def _strange(pattern: str, kind: str) -> str:
    what = f"is a {kind} in a form that is not read here: write it as yyyy-mm-dd, with four digits"
    return (
        f"WHEN regexp_full_match({_TRIM}, '{pattern}', 's') "
        f"THEN error('the text ' || chr(39) || s || chr(39) || ' {what}')"
    )


def _malformed(kind: str) -> str:
    what = f"is not a {kind}: use TRY_CAST, or clean it first"
    return f"WHEN s IS NOT NULL THEN error('the text ' || chr(39) || s || chr(39) || ' {what}')"


def _date_macros() -> tuple[str, ...]:
    """Dates in the form yyyy-mm-dd go a fast way, about as fast as DuckDB's own cast; other forms a slow one.

    DuckDB also reads other separators, spaces in front and years of other lengths: ten bytes with the first
    hyphen in the fifth place, beginning with a digit, leave it only what Spark reads as the same day.
    """
    fast = "strlen(s) = 10 AND strpos(s, '-') = 5 AND s >= '0'"
    match = f"CASE WHEN regexp_full_match({_TRIM}, '{_DATE_PATTERN}', 's') THEN"
    strange = _strange(_STRANGE_DATE, "date")
    strict = f"{match} CAST({_day(_TRIM)} AS DATE) {strange} {_malformed('date')} END"
    forgiving = f"{match} TRY_CAST({_day(_TRIM)} AS DATE) {strange} END"
    return tuple(
        f"CREATE OR REPLACE TEMP MACRO spark_{name}(s) AS "
        f"CASE WHEN {fast} THEN COALESCE(TRY_CAST(s AS DATE), {slow}) ELSE {slow} END"
        for name, slow in (("date", strict), ("try_date", forgiving))
    )


def _timestamp_macros() -> tuple[str, ...]:
    """Timestamps; yyyy-mm-dd hh:mm:ss goes a fast way. DuckDB reads the hour 24, Spark does not."""
    fast = "strlen(s) = 19 AND strpos(s, '-') = 5 AND strpos(s, ':') = 14 AND s >= '0' AND s[12:13] < '24'"
    day = f"WHEN regexp_full_match({_TRIM}, '[0-9]{{4}}(-[0-9]{{1,2}}(-[0-9]{{1,2}})?)?') THEN"
    moment = f"WHEN regexp_full_match({_TRIM}, '{_MOMENT}') AND NOT regexp_matches(s, '[ T]24:') THEN"
    micros = f"regexp_replace({_TRIM}, '([.][0-9]{{6}})[0-9]+', '\\1')"
    strange = _strange(_STRANGE_TIME, "timestamp")
    macros = []
    for name, cast, tail in (
        ("timestamp", "CAST", f"{strange} {_malformed('timestamp')}"),
        ("try_timestamp", "TRY_CAST", f"WHEN regexp_matches(s, '[ T]24:') THEN NULL {strange}"),
    ):
        moved = f"({cast}({micros} AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC')"
        slow = f"CASE {day} {cast}({_day(_TRIM)} AS TIMESTAMP) {moment} {moved} {tail} END"
        macros.append(
            f"CREATE OR REPLACE TEMP MACRO spark_{name}(s) AS CASE WHEN {fast} "
            f"THEN COALESCE(TRY_CAST(s AS TIMESTAMP), {slow}) ELSE {slow} END AT TIME ZONE 'UTC'"
        )
    return tuple(macros)


def _number_macros() -> tuple[str, ...]:
    """Decimals and doubles in text; doubles also with Java's suffixes d and f, as nan and as infinity."""
    failed = (
        "error('the text ' || chr(39) || s || chr(39) || ' is not a number: use TRY_CAST, or clean it first')"
    )
    decimal = f"CASE WHEN regexp_full_match({_TRIM_NUMBER}, '{_NUMBER}') THEN {_TRIM_NUMBER}"
    words = "WHEN 'nan' THEN 'nan' WHEN 'inf' THEN 'inf' WHEN 'infinity' THEN 'inf' WHEN '-inf' THEN '-inf' "
    words += "WHEN '-infinity' THEN '-inf' WHEN '+inf' THEN 'inf' WHEN '+infinity' THEN 'inf'"
    double = (
        f"CASE WHEN regexp_full_match({_TRIM_NUMBER}, '{_NUMBER}[dDfF]?') THEN rtrim({_TRIM_NUMBER}, 'dDfF') "
        f"WHEN lower({_TRIM_NUMBER}) IN ('nan', 'inf', 'infinity', '-inf', '-infinity', '+inf', '+infinity') "
        f"THEN CASE lower({_TRIM_NUMBER}) {words} END"
    )
    return tuple(
        f"CREATE OR REPLACE TEMP MACRO spark_{attempt}{name}_text(s) AS {read} {tail}END"
        for name, read in (("decimal", decimal), ("double", double))
        for attempt, tail in (("", f"WHEN s IS NOT NULL THEN {failed} "), ("try_", ""))
    )


_YES, _NO = "('t', 'true', 'y', 'yes', '1')", "('f', 'false', 'n', 'no', '0')"
CAST_MACROS: tuple[str, ...] = (
    *_gate("tinyint", "TINYINT", _INTEGER),
    *_gate("smallint", "SMALLINT", _INTEGER),
    *_gate("int", "INTEGER", _INTEGER),
    *_gate("bigint", "BIGINT", _INTEGER),
    *_timestamp_macros(),
    *_date_macros(),
    f"""CREATE OR REPLACE TEMP MACRO spark_try_boolean(s) AS
         CASE WHEN lower({_TRIM}) IN {_YES} THEN true WHEN lower({_TRIM}) IN {_NO} THEN false END""",
    f"""CREATE OR REPLACE TEMP MACRO spark_boolean(s) AS
         CASE WHEN lower({_TRIM}) IN {_YES} THEN true WHEN lower({_TRIM}) IN {_NO} THEN false
         WHEN s IS NOT NULL THEN error('the text ' || chr(39) || s || chr(39) || ' is not a boolean') END""",
    *_number_macros(),
)


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
    elif source in INTEGRAL:
        if type in INTEGRAL or type == DOUBLE or isinstance(type, Decimal) or type in (STRING, BOOLEAN):
            return f"{cast}({value.sql} AS {target})"
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
    "number (not double), boolean, date, timestamp to text; date and timestamp; number to boolean"
)
_FORMS = (
    "text: [+-]digits; decimals and exponents for decimal and double; yyyy[-m[-d]]; "
    "yyyy-m-d[ h:m[:s[.f]][zone]]; years 0001 to 9999 without a sign (others raise)"
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
