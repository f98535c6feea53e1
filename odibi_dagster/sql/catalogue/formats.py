"""Numbers as text for people."""

from __future__ import annotations

import re

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGRAL, STRING, Decimal, to_duckdb

from .entry import Call, Entry

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_DIGITS = "reverse(split_part(ltrim(t, '-'), '.', 1))"
FORMAT_MACROS: tuple[str, ...] = (
    # Plain decimal text with a comma behind every third digit before the point.
    f"{_MACRO}grouped(t) AS CASE WHEN t[1] = '-' THEN '-' ELSE '' END || "
    f"ltrim(reverse(regexp_replace({_DIGITS}, '([0-9]{{3}})', '\\1,', 'g')), ',') || "
    "CASE WHEN contains(t, '.') THEN '.' || split_part(t, '.', 2) ELSE '' END",
    # DuckDB prints the binary value, Java the fewest digits that name it and then zeros. Up to 15 digits in
    # all both are the same; beyond, the digits are taken, as long as none of them has to be rounded away.
    f"{_MACRO}format_number(x, shape, scale, exact, spare) AS CASE WHEN isnan(x) THEN 'NaN' "
    "WHEN isinf(x) THEN CASE WHEN x > 0 THEN '∞' ELSE '-∞' END "
    "WHEN abs(x) < scale THEN format(shape, x) WHEN exact = spare "
    "THEN spark_grouped(CAST(exact AS VARCHAR)) "
    "WHEN x IS NOT NULL THEN error('format_number of so many digits: round it first') END",
    f"{_MACRO}format_decimal(x, r) AS CASE WHEN x < 0 AND r = 0 THEN '-' ELSE '' END || "
    "spark_grouped(spark_plain_text(r))",
)


def format_number(call: Call) -> Typed:
    """format_number(x, places): groups of three digits; halves go to the even neighbour."""
    value, places = call.args[0], call.literal(1)
    if type(places) is not int or not 0 <= places <= 12:
        raise call.refuse("The number of places is a literal from 0 to 12.")
    if value.type in INTEGRAL:
        zeros = f" || '.{'0' * places}'" if places else ""
        return call.result(f"(format('{{:,}}', {coerce.to(value, BIGINT)}){zeros})", STRING, nullable=True)
    if value.type == DOUBLE:
        text_ = f"CAST({value.sql} AS VARCHAR)"
        exact, spare = (f"TRY_CAST({text_} AS DECIMAL(38, {places + more}))" for more in (0, 4))
        sql = f"spark_format_number({value.sql}, '{{:,.{places}f}}', 1e{15 - places}, {exact}, {spare})"
        return call.result(sql, STRING, nullable=True)
    if isinstance(value.type, Decimal) and value.type.precision - value.type.scale + places < 38:
        wide = Decimal(value.type.precision - value.type.scale + places + 1, places)
        rounded = f"CAST(round_even({value.sql}, {places}) AS {to_duckdb(wide)})"
        if places >= value.type.scale:
            rounded = f"CAST({value.sql} AS {to_duckdb(wide)})"
        return call.result(f"spark_format_decimal({value.sql}, {rounded})", STRING, nullable=True)
    raise call.refuse("CAST it to DOUBLE, BIGINT or a decimal of fewer digits.")


_PIECE = re.compile(r"%(?:(%)|(-?)(0?)(\d*)(,?)([sd])|)")


def format_string(call: Call) -> Typed:
    """format_string('…', …) and printf: %s, and %d with a width, leading zeros or commas."""
    shape = call.literal(0)
    if not isinstance(shape, str):
        raise call.refuse("The format is a literal.")
    parts: list[str] = []
    rest, at = list(call.args[1:]), 0
    for match in _PIECE.finditer(shape):
        if match.start() > at:
            parts.append(text(shape[at : match.start()]))
        at = match.end()
        percent, left, zero, width, comma, kind = match.groups()
        if percent:
            parts.append("'%'")
            continue
        if kind is None or not rest or (kind == "s" and (left or zero or width or comma)):
            raise call.refuse(
                "Use %s, %d, %5d, %-5d, %05d, %,d and %%, with an argument for each; round and pad the rest."
            )
        parts.append(_piece(call, rest.pop(0), left, zero, width, comma, kind))
    if at < len(shape):
        parts.append(text(shape[at:]))
    if rest:
        raise call.refuse("There are more arguments than % in the format.")
    return call.result(f"({' || '.join(parts or [text('')])})", STRING, nullable=False)


def _piece(call: Call, value: Typed, left: str, zero: str, width: str, comma: str, kind: str) -> str:
    if kind == "s":
        if value.type != STRING and value.type not in INTEGRAL and value.type != BOOLEAN:
            raise call.refuse(f"CAST {value.name} to STRING.")
        return f"COALESCE(CAST({value.sql} AS VARCHAR), 'null')"
    if value.type not in INTEGRAL:
        raise call.refuse(f"%d takes an integer, and {value.name} is {value.type}.")
    if (zero and (left or not width)) or (width and width.startswith("0")):
        raise call.refuse("Use %5d, %-5d or %05d.")
    shape = f"{{:{'<' if left else ''}{zero}{width}{comma}}}"
    sql = f"format('{shape}', {coerce.to(value, BIGINT)})"
    null = "'null'"
    if width:
        null = f"{'rpad' if left else 'lpad'}('null', {max(int(width), 4)}, ' ')"
    return f"COALESCE({sql}, {null})"


TITLE = "Formats"
ENTRIES = (
    Entry(
        "format_number",
        "double, decimal, integer; literal places",
        "string",
        format_number,
        (2, 2),
        literals=(1,),
        rule="Java's DecimalFormat: half even",
        limits="0 to 12 places; no pattern; raises where a double has to be rounded behind digit 15",
    ),
    Entry(
        "format_string",
        "literal format; texts, integers, booleans",
        "string",
        format_string,
        (1, None),
        literals=(0,),
        aliases=("printf",),
        rule="Java's Formatter",
        limits="%s, %d with width, zeros or commas, %%",
    ),
)
