"""Regular expressions: literal patterns that mean the same to RE2 as to Java."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql.java_regex import Pattern, translate
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, combine, text
from odibi_dagster.sql.types import BOOLEAN, INT, STRING, Array

from .entry import Call, Entry
from .text import strings

# In Java `$` also stands before a line break that ends the text.
_BREAK = r"(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])"
_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
REGEX_MACROS: tuple[str, ...] = (
    f"{_MACRO}unbroken(s) AS CASE WHEN regexp_matches(s, '[\\n\\r\\x{{85}}\\x{{2028}}\\x{{2029}}]\\z') "
    "THEN error('a text ends with a line break, where $ of a regular expression is not exact: trim it') "
    "ELSE s END",
    f"{_MACRO}regexp_position(s, p) AS CAST(CASE WHEN regexp_matches(s, p) "
    "THEN length(regexp_extract(s, '(?s)^(.*?)(?:' || p || ')', 1)) + 1 "
    "WHEN s IS NOT NULL THEN 0 END AS INTEGER)",
)


def _pattern(call: Call, at: int = 1) -> Pattern:
    pattern = call.literal(at)
    if not isinstance(pattern, str):
        raise call.refuse("The regular expression is a literal.")
    return translate(pattern)


def _subject(call: Call, pattern: Pattern) -> tuple[str, str]:
    """The text and RE2's expression where it matters what is matched, not only whether."""
    value = strings(call, 0)[0]
    if pattern.ends:
        return (
            f"spark_unbroken({value})",
            f"(?:{pattern.re2})\\z" if "|" in pattern.re2 else f"{pattern.re2}\\z",
        )
    return value, pattern.re2


def _solid(call: Call, pattern: Pattern) -> None:
    if pattern.empty:
        raise call.refuse(
            "Use + instead of *.", f"{call.name} with a regular expression that can match nothing."
        )


def matches(call: Call) -> Typed:
    """RLIKE, regexp_like: whether the expression is found somewhere."""
    pattern = _pattern(call)
    value = strings(call, 0)[0]
    re2 = f"(?:{pattern.re2}){_BREAK}?\\z" if pattern.ends else pattern.re2
    word = "RLIKE" if call.node is not None and isinstance(call.node, exp.RegexpLike) else call.name.upper()
    name = f"{word}({call.args[0].name}, {call.args[1].name})"
    return combine(f"regexp_matches({value}, {text(re2)})", BOOLEAN, name, *call.args)


def replacement(text: str, groups: int) -> str:
    """Java's replacement text (`$1`, `\\\\$`) in RE2's words (`\\\\1`).

    Raises:
        Refusal: it names a group that there is not, or one by name.
    """
    result, at = [], 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\":
            if at >= len(text):
                raise Refusal("A replacement cannot end with a backslash.", "Write it twice.")
            char = text[at]
            at += 1
        elif char == "$":
            digit = text[at : at + 1]
            if not (digit.isascii() and digit.isdigit()) or int(digit) > groups:
                raise Refusal(f"The replacement '{text}' names no group of the regular expression.",
                              "Use $0 to $9, and a backslash before $ as a character.")  # fmt: skip
            if text[at + 1 : at + 2].isdigit() and int(text[at : at + 2]) <= groups:
                raise Refusal(f"The replacement '{text}' names a group of two digits.", "Use fewer groups.")
            result.append(f"\\{digit}")
            at += 1
            continue
        result.append("\\\\" if char == "\\" else char)
    return "".join(result)


def replace(call: Call) -> Typed:
    """regexp_replace(s, 'pattern', 'text'): every match replaced; $1 is the first group."""
    pattern = _pattern(call)
    _solid(call, pattern)
    other = call.literal(2)
    if not isinstance(other, str):
        raise call.refuse("The replacement is a literal.")
    if pattern.nested and "$" in other:
        raise call.refuse("Leave groups inside of * + { } out, or use (?: ).")
    value, re2 = _subject(call, pattern)
    new = replacement(other, pattern.groups)
    name = f"regexp_replace({', '.join(arg.name for arg in call.args)}, 1)"
    return call.result(f"regexp_replace({value}, {text(re2)}, {text(new)}, 'g')", STRING, name=name)


def _group(call: Call, pattern: Pattern) -> int:
    group = call.literal(2) if len(call.args) > 2 else 1
    if type(group) is not int or not 0 <= group <= min(pattern.groups, 9):
        raise call.refuse(f"The group is a literal from 0 to {pattern.groups}; without one it is group 1.")
    if pattern.nested and group:
        raise call.refuse("Leave groups inside of * + { } out, or use (?: ).")
    return group


def extract(call: Call) -> Typed:
    """regexp_extract(s, 'pattern'[, group]): the group of the first match, '' where there is none."""
    pattern = _pattern(call)
    group = _group(call, pattern)
    value, re2 = _subject(call, pattern)
    names = ", ".join([*(arg.name for arg in call.args), *(["1"] if len(call.args) == 2 else [])])
    sql = f"regexp_extract({value}, {text(re2)}, {group})"
    return call.result(sql, STRING, name=f"{call.name}({names})")


def extract_all(call: Call) -> Typed:
    """regexp_extract_all(s, 'pattern'[, group]): the group of every match."""
    pattern = _pattern(call)
    _solid(call, pattern)
    group = _group(call, pattern)
    value, re2 = _subject(call, pattern)
    names = ", ".join([*(arg.name for arg in call.args), *(["1"] if len(call.args) == 2 else [])])
    found = f"regexp_extract_all({value}, {text(re2)}, {group})"
    sql = f"list_transform({found}, lambda g: COALESCE(g, ''))" if group else found
    return call.result(sql, Array(STRING), name=f"{call.name}({names})")


def count(call: Call) -> Typed:
    """regexp_count(s, 'pattern'): how many matches there are."""
    pattern = _pattern(call)
    _solid(call, pattern)
    value, re2 = _subject(call, pattern)
    return call.result(f"CAST(len(regexp_extract_all({value}, {text(re2)})) AS INTEGER)", INT)


def substring(call: Call) -> Typed:
    """regexp_substr(s, 'pattern'): the first match, NULL where there is none."""
    pattern = _pattern(call)
    _solid(call, pattern)
    value, re2 = _subject(call, pattern)
    return call.result(f"NULLIF(regexp_extract({value}, {text(re2)}), '')", STRING, nullable=True)


def position(call: Call) -> Typed:
    """regexp_instr(s, 'pattern'): where the first match begins, from 1 on; 0 where there is none."""
    pattern = _pattern(call)
    _solid(call, pattern)
    value, re2 = _subject(call, pattern)
    if re2.startswith("^"):
        raise call.refuse("Use regexp_like: a match behind ^ is at 1.")
    name = f"regexp_instr({', '.join(arg.name for arg in call.args)}, 0)"
    return call.result(f"spark_regexp_position({value}, {text(re2)})", INT, name=name)


_P = "text, literal pattern"
_RULE = "Java's regular expressions"
_LIMITS = (
    "classes, . \\d \\w \\s and their opposites, groups, |, lazy and greedy quantifiers, ^ at the beginning, "
    "$ at the end, (?i) at the beginning; no \\b, \\p, look-around, back-references"
)
_SOLID = "as RLIKE; no pattern that can match nothing"
TITLE = "Regular expressions"
ENTRIES = (
    Entry("[NOT] RLIKE", _P, "boolean", matches, (2, 2), node=exp.RegexpLike, rule=_RULE, limits=_LIMITS),
    *(
        Entry(name, _P, "boolean", matches, (2, 2), literals=(1,), rule=_RULE, limits="as RLIKE")
        for name in ("regexp_like", "rlike", "regexp")
    ),
    Entry(
        "regexp_replace",
        f"{_P}, literal replacement",
        "string",
        replace,
        (3, 3),
        literals=(1, 2),
        rule=_RULE,
        limits=f"{_SOLID}; $0 to $9",
    ),
    Entry(
        "regexp_extract",
        f"{_P}[, literal group]",
        "string",
        extract,
        (2, 3),
        literals=(1, 2),
        rule=_RULE,
        limits="as RLIKE",
    ),
    Entry(
        "regexp_extract_all",
        f"{_P}[, literal group]",
        "array<string>",
        extract_all,
        (2, 3),
        literals=(1, 2),
        rule=_RULE,
        limits=_SOLID,
    ),
    Entry("regexp_count", _P, "int", count, (2, 2), literals=(1,), rule=_RULE, limits=_SOLID),
    Entry("regexp_substr", _P, "string", substring, (2, 2), literals=(1,), rule=_RULE, limits=_SOLID),
    Entry("regexp_instr", _P, "int", position, (2, 2), literals=(1,), rule=_RULE, limits=_SOLID),
)
