"""Text read by CAST and TRY_CAST: what Spark reads, no more and no less, or an error that says so."""

from __future__ import annotations

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


_PART = (
    "TRY_CAST(COALESCE(NULLIF(regexp_extract({trim}, '^([+-]?[0-9]+)-?([0-9]*)-?([0-9]*)', {group}), ''), "
    "'1') AS BIGINT)"
)


def _other_day(trim: str) -> str:
    """The day of `[+-]y…y[-m[-d]]`, NULL where there is none; years of 5 digits on and with a sign."""
    parts = ", ".join(_PART.format(trim=trim, group=group) for group in (1, 2, 3))
    return f"spark_day({parts})"


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
    other = f"WHEN regexp_full_match({_TRIM}, '{_STRANGE_DATE}', 's')"
    day = _other_day(_TRIM)
    strict = (
        f"{match} CAST({_day(_TRIM)} AS DATE) "
        f"{other} AND {day} IS NOT NULL THEN {day} {_malformed('date')} END"
    )
    forgiving = f"{match} TRY_CAST({_day(_TRIM)} AS DATE) {other} THEN {day} END"
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
    # Java's BigDecimal reads the digits of every script.
    scripts = _NUMBER.replace("0-9", r"\p{Nd}")
    other = "error('the text ' || chr(39) || s || chr(39) || ' has digits that are not 0 to 9: replace them')"
    decimal += f" WHEN regexp_full_match({_TRIM_NUMBER}, '{scripts}') THEN {other}"
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
    # Written so that nothing in it raises, wherever DuckDB's optimizer computes it.
    """CREATE OR REPLACE TEMP MACRO spark_month_begin(y, m) AS make_date(
         CASE WHEN y BETWEEN -5877640 AND 5881579 THEN y ELSE 1 END,
         CASE WHEN m BETWEEN 1 AND 12 THEN m ELSE 1 END, 1::BIGINT)""",
    """CREATE OR REPLACE TEMP MACRO spark_day(y, m, d) AS
         CASE WHEN y BETWEEN -5877640 AND 5881579 AND m BETWEEN 1 AND 12
         AND d BETWEEN 1 AND day(last_day(spark_month_begin(y, m)))
         THEN spark_month_begin(y, m) + CAST(CASE WHEN d BETWEEN 1 AND 31 THEN d - 1 ELSE 0 END AS INTEGER)
         WHEN y IN (-5877641, 5881580) THEN error('the first and the last year of all are not read here')
         END""",
    *_date_macros(),
    f"""CREATE OR REPLACE TEMP MACRO spark_try_boolean(s) AS
         CASE WHEN lower({_TRIM}) IN {_YES} THEN true WHEN lower({_TRIM}) IN {_NO} THEN false END""",
    f"""CREATE OR REPLACE TEMP MACRO spark_boolean(s) AS
         CASE WHEN lower({_TRIM}) IN {_YES} THEN true WHEN lower({_TRIM}) IN {_NO} THEN false
         WHEN s IS NOT NULL THEN error('the text ' || chr(39) || s || chr(39) || ' is not a boolean') END""",
    *_number_macros(),
)
