"""LIKE and ILIKE with literal patterns."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, combine, text
from odibi_dagster.sql.types import BOOLEAN

from .entry import Call, Entry
from .text import strings


def _duckdb(pattern: str, escape: str) -> str:
    """A LIKE pattern with another escape character, rewritten so that it is the backslash.

    Raises:
        Refusal: the escape character stands before something else than %, _ or itself, as Spark raises.
    """
    result, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char != escape:
            result.append("\\\\" if char == "\\" else char)
            continue
        if at >= len(pattern) or pattern[at] not in ("%", "_", escape):
            raise Refusal(
                f"The escape character {escape} in the pattern '{pattern}' escapes nothing.",
                f"Write it before %, _ or {escape} only.",
            )
        char = pattern[at]
        at += 1
        result.append("\\\\" if char == "\\" else f"\\{char}" if char in "%_" else char)
    return "".join(result)


def _escape(call: Call) -> str:
    node = call.node.args.get("escape") if call.node is not None else None
    given = call.literal(2) if len(call.args) > 2 else node.name if node is not None else "\\"
    if not isinstance(given, str) or len(given) != 1 or given in "%_":
        raise call.refuse("The escape character is one literal character, not % or _.")
    return given


def like(call: Call) -> Typed:
    """`x LIKE 'pattern'`: `%` any text, `_` one character; ILIKE compares small letters."""
    value, pattern = call.args[0], call.args[1]
    if not isinstance(pattern.literal, str):
        raise call.refuse("LIKE takes a string and a literal pattern.")
    escape = _escape(call)
    subject, shape = strings(call, 0)[0], text(_duckdb(pattern.literal, escape))
    folded = "ilike" in call.name.lower()
    if folded:
        if not pattern.literal.isascii() or escape.isalpha():
            raise call.refuse("Use ASCII only, or lower(x) LIKE 'pattern'.", "ILIKE with such a pattern")
        subject, shape = f"spark_lower({subject})", shape.lower()
    sql = f"({subject} LIKE {shape} ESCAPE '\\')" if "\\" in shape else f"({subject} LIKE {shape})"
    if folded:
        name = f"ilike({value.name}, {pattern.name})"
    else:
        name = f"{value.name} LIKE {pattern.name}"
    if escape != "\\":
        name = f"{name} ESCAPE '{escape}'"
    if call.node is not None and call.node.args.get("negate"):
        return combine(f"(NOT {sql})", BOOLEAN, f"(NOT {name})", value)
    return combine(sql, BOOLEAN, name, value)


_P = "text, literal pattern"
TITLE = "Patterns"
ENTRIES = (
    Entry("[NOT] LIKE", f"{_P} [ESCAPE 'c']", "boolean", like, (2, 2), node=exp.Like),
    Entry("[NOT] ILIKE", _P, "boolean", like, (2, 2), node=exp.ILike, limits="an ASCII pattern"),
    Entry("like", f"{_P}[, literal escape]", "boolean", like, (2, 3), literals=(1, 2)),
    Entry("ilike", _P, "boolean", like, (2, 2), literals=(1,), limits="an ASCII pattern"),
)
