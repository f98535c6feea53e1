"""Finding text in text, and changing characters."""

from __future__ import annotations

from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import INT, STRING, Array

from .entry import Call, Entry
from .text import integer, only_text, strings

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_BEHIND = "strpos(substring(s, p), b)"
SEARCH_MACROS: tuple[str, ...] = (
    # Spark finds the empty text at 1, wherever it begins to look, and nothing from a NULL position on.
    f"{_MACRO}locate(b, s, p) AS CAST(CASE WHEN p IS NULL THEN 0 WHEN b IS NULL OR s IS NULL THEN NULL "
    f"WHEN p < 1 THEN 0 WHEN b = '' THEN 1 WHEN {_BEHIND} = 0 THEN 0 ELSE {_BEHIND} + p - 1 END AS INTEGER)",
    f"{_MACRO}find_in_set(b, s) AS CAST(CASE WHEN contains(b, ',') THEN CASE WHEN s IS NOT NULL THEN 0 END "
    "WHEN b IS NOT NULL AND s IS NOT NULL "
    "THEN COALESCE(list_position(string_split(s, ','), b), 0) END AS INTEGER)",
    f"{_MACRO}levenshtein(a, b) AS CAST(CASE WHEN strlen(a) = length(a) AND strlen(b) = length(b) "
    "THEN levenshtein(a, b) WHEN a IS NOT NULL AND b IS NOT NULL "
    "THEN error('levenshtein knows ASCII only here') END AS INTEGER)",
)


def locate(call: Call) -> Typed:
    """locate(b, s[, start]) and position: where b begins in s, from 1 on; 0 where it does not."""
    first, second = strings(call, 0, 1)
    start = integer(call, 2) if len(call.args) > 2 else "1"
    names = ", ".join([*(arg.name for arg in call.args), *(["1"] if len(call.args) == 2 else [])])
    name = f"{call.name}({names})"
    if start == "1":
        return call.result(f"CAST(strpos({second}, {first}) AS INTEGER)", INT, name=name)
    nullable = call.args[0].nullable or call.args[1].nullable
    return call.result(f"spark_locate({first}, {second}, {start})", INT, name=name, nullable=nullable)


def instr(call: Call) -> Typed:
    """instr(s, b): where b begins in s, from 1 on; 0 where it does not."""
    return call.result(f"CAST(strpos({', '.join(strings(call, 0, 1))}) AS INTEGER)", INT)


def find_in_set(call: Call) -> Typed:
    """find_in_set(b, s): the number of b among the parts of s between commas, from 1 on; 0 if it is none."""
    return call.result(f"spark_find_in_set({', '.join(strings(call, 0, 1))})", INT)


def translate(call: Call) -> Typed:
    """translate(s, from, to): each character of `from` by the one at its place in `to`, or removed."""
    only_text(call, 1, 2)
    if not isinstance(call.literal(1), str) or not isinstance(call.literal(2), str):
        raise call.refuse("Write both lists of characters as literals.")
    return call.result(f"translate({', '.join(strings(call, 0, 1, 2))})", STRING)


def levenshtein(call: Call) -> Typed:
    """levenshtein(a, b): how many characters have to change; raises beyond ASCII."""
    return call.result(f"spark_levenshtein({', '.join(strings(call, 0, 1))})", INT)


def split(call: Call) -> Typed:
    """split(s, 'separator'): the parts between a plain text."""
    separator = call.literal(1)
    if not isinstance(separator, str):
        raise call.refuse("Write the separator as a literal.")
    plain = literal_pattern(separator)
    if not plain:
        raise call.refuse(
            "Use a plain text (special characters behind \\\\), or split what regexp_replace made.",
            f"split by the regular expression {separator!r} is not supported.",
        )
    value = strings(call, 0)[0]
    name = f"split({call.args[0].name}, {separator}, -1)"
    return call.result(f"string_split({value}, {text(plain)})", Array(STRING), name=name)


_SPECIAL = frozenset("\\.[]{}()*+-?^$|")


def literal_pattern(pattern: str) -> str | None:
    """The text a regular expression stands for that has no special characters but escaped ones."""
    result, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern) and not pattern[at + 1].isalnum():
            at += 1
            char = pattern[at]
        elif char in _SPECIAL and char not in "]}-":
            return None
        result.append(char)
        at += 1
    return "".join(result) or None


_T = "text, text"
TITLE = "Finding text"
ENTRIES = (
    Entry("locate", f"{_T}[, int]", "int", locate, (2, 3)),
    Entry("position", f"{_T}[, int]", "int", locate, (2, 3)),
    Entry("instr", _T, "int", instr, (2, 2)),
    Entry("find_in_set", _T, "int", find_in_set, (2, 2)),
    Entry("translate", "text, literal texts", "string", translate, (3, 3), literals=(1, 2)),
    Entry("levenshtein", _T, "int", levenshtein, (2, 2), limits="ASCII only, else it raises"),
    Entry(
        "split",
        "text, literal separator",
        "array<string>",
        split,
        (2, 2),
        literals=(1,),
        limits="a plain text as the separator, no regular expression, no limit",
    ),
)
