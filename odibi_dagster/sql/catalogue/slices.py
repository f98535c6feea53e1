"""Parts of text, and text put together from parts."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import BIGINT, INT, INTEGRAL, STRING, Array

from .array_order import reverse as reversed_array
from .entry import Call, Entry
from .text import integer, strings, texts

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
SLICE_MACROS: tuple[str, ...] = (
    # DuckDB's reverse keeps characters and their accents together, Spark turns every code point around.
    f"{_MACRO}reverse(s) AS CASE WHEN strlen(s) = length(s) THEN reverse(s) "
    "ELSE array_to_string(list_reverse(regexp_extract_all(s, '(?s).')), '') END",
    f"{_MACRO}substring_index(s, d, n) AS CASE WHEN n > 0 THEN array_to_string(string_split(s, d)[1:n], d) "
    "WHEN n < 0 THEN array_to_string(string_split(s, d)[CAST(n AS BIGINT):], d) "
    "WHEN s IS NOT NULL AND n IS NOT NULL THEN '' END",
    f"{_MACRO}overlay(s, r, p, n) AS spark_substring(s, 1, p - 1) || r || "
    "spark_substring(s, p + CASE WHEN n >= 0 THEN n ELSE CAST(length(r) AS INTEGER) END, 2147483647)",
)


def side(call: Call) -> Typed:
    """left and right: the first or last characters; none where the number is not positive."""
    value, size = strings(call, 0)[0], call.literal(1)
    count = str(max(size, 0)) if type(size) is int else f"greatest({integer(call, 1)}, 0)"
    if type(size) is not int:
        # greatest passes over NULL.
        return call.result(
            f"(CASE WHEN {integer(call, 1)} IS NOT NULL THEN {call.name}({value}, {count}) END)", STRING
        )
    return call.result(f"{call.name}({value}, {count})", STRING)


def substring_index(call: Call) -> Typed:
    """substring_index(s, delimiter, n): what stands before delimiter n, or behind it from the end."""
    delimiter = call.literal(1)
    if not isinstance(delimiter, str) or delimiter == "":
        raise call.refuse("The delimiter is a literal text that is not empty.")
    if any(delimiter.startswith(delimiter[-size:]) for size in range(1, len(delimiter))):
        raise call.refuse(
            "Use split_part.",
            f"substring_index with '{delimiter}', which begins as it ends, is not supported.",
        )
    value = strings(call, 0)[0]
    return call.result(f"spark_substring_index({value}, {text(delimiter)}, {integer(call, 2)})", STRING)


def overlay(call: Call) -> Typed:
    """overlay(s, r, start[, n]): n characters from start on replaced by r; as many as r has without n."""
    value, other = strings(call, 0, 1)
    size = integer(call, 3) if len(call.args) > 3 else "-1"
    names = ", ".join([*(arg.name for arg in call.args), *(["-1"] if len(call.args) == 3 else [])])
    sql = f"spark_overlay({value}, {other}, {integer(call, 2)}, {size})"
    return call.result(sql, STRING, name=f"overlay({names})")


def reverse(call: Call) -> Typed:
    """reverse: the characters, or an array's elements, the other way round."""
    if isinstance(call.args[0].type, Array):
        return reversed_array(call)
    return call.result(f"spark_reverse({strings(call, 0)[0]})", STRING)


def repeat(call: Call) -> Typed:
    """repeat(s, n): nothing where n is not positive."""
    return call.result(f"repeat({strings(call, 0)[0]}, {integer(call, 1)})", STRING)


def space(call: Call) -> Typed:
    """space(n): n spaces."""
    return call.result(f"repeat(' ', {integer(call, 0)})", STRING)


def choose(call: Call) -> Typed:
    """elt(n, a, b, …): argument n, from 1 on; raises where there is none."""
    if call.args[0].type not in INTEGRAL or call.args[0].type == BIGINT:
        raise call.refuse("The number is an INT.")
    options = texts(call, positions=tuple(range(1, len(call.args))))
    number = coerce.to(call.args[0], INT)
    arms = " ".join(f"WHEN {at} THEN {option}" for at, option in enumerate(options, 1))
    failed = f"CASE WHEN {number} IS NOT NULL THEN error('elt has no argument ' || {number}) END"
    return call.result(f"(CASE {number} {arms} ELSE {failed} END)", STRING, nullable=True)


_T = "text"
TITLE = "Parts of text"
ENTRIES = (
    Entry("left", f"{_T}, int", "string", side, (2, 2)),
    Entry("right", f"{_T}, int", "string", side, (2, 2)),
    Entry(
        "substring_index",
        f"{_T}, literal delimiter, int",
        "string",
        substring_index,
        (3, 3),
        literals=(1,),
        limits="no delimiter that begins as it ends ('::'): use split_part",
    ),
    Entry("overlay", f"{_T}, {_T}, int[, int]", "string", overlay, (3, 4)),
    Entry("reverse", f"{_T}; array", "string; its type", reverse),
    Entry("repeat", f"{_T}, int", "string", repeat, (2, 2)),
    Entry("space", "int", "string", space),
    Entry("elt", "int, texts", "string", choose, (2, None), limits="raises outside of the arguments"),
)
