"""JSON as Spark's parser reads it: single quotes, and anything behind the first value, are forgiven."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

#: Levels of nesting that are read; Spark reads 1,000.
DEEPEST = 200
_SPACE = " \t\n\r"
_QUOTED = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """, re.DOTALL | re.VERBOSE)
_INSIDE = re.compile(r'\\.|"', re.DOTALL)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class Members(list[tuple[str, Any]]):
    """An object: its names with their values, in the order of the text; a name may be there twice."""


class Malformed(ValueError):
    """The text does not begin with a JSON value.

    Args:
        depth: how many arrays and objects are open where it goes wrong.
    """

    def __init__(self, message: str, depth: int = 0) -> None:
        super().__init__(message)
        self.depth = depth


class Unread(ValueError):
    """JSON that Spark reads and this does not: an error, so that nothing is lost silently."""


def _word(text: str) -> float:
    raise Malformed(text)


def _whole(text: str) -> int:
    if len(text) > 1000:
        raise Unread("the JSON holds a number of more than 1000 digits: shorten it first")
    return int(text)


_LOOSE = json.JSONDecoder(
    object_pairs_hook=Members, parse_float=float, parse_int=_whole, parse_constant=_word, strict=False
)
_EXACT = json.JSONDecoder(object_pairs_hook=Members, parse_float=Decimal, parse_int=_whole, strict=True)
# What from_json's parser also takes for numbers.
_INFINITE = re.compile(r"[+]Infinity|\bINF\b")


def read_loose(text: str) -> Any:
    """The first value of a text, as get_json_object and its like read it.

    Returns None, bool, int, float, str, a list for an array and `Members` for an object.

    Raises:
        Malformed: there is none.
        Unread: it is nested too deeply, or holds a number of more than 1,000 digits.
    """
    return _read(_LOOSE, text)


def read_exact(text: str) -> Any:
    """The first value of a text, as from_json reads it: numbers with a point are Decimal, NaN is known.

    Raises:
        Malformed: as `read_loose`; control characters in strings are malformed.
        Unread: as `read_loose`; INF, +Infinity; text that is malformed inside of a nested value.
    """
    try:
        return _read(_EXACT, text)
    except Malformed as error:
        if error.depth > 1:
            # Spark may keep the fields around it.
            raise Unread(
                "the JSON is malformed inside of a nested value: leave such rows out, "
                "WHERE get_json_object(…, '$') IS NOT NULL"
            ) from None
        if _INFINITE.search(text):
            raise Unread("the JSON holds INF or +Infinity, which is not read here: write Infinity") from None
        raise


def _read(decoder: json.JSONDecoder, text: str) -> Any:
    _check_depth(text)
    try:
        return _first(decoder, text)
    except Malformed:
        if "'" not in text:
            raise
    return _first(decoder, _QUOTED.sub(_in_double_quotes, text))


def _first(decoder: json.JSONDecoder, text: str) -> Any:
    start = len(text) - len(text.lstrip(_SPACE))
    try:
        value, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        opened = sum((m[0] in "[{") - (m[0] in "]}") for m in _BRACKETS.finditer(error.doc[: error.pos]))
        raise Malformed(str(error), opened) from None
    behind = text[end : end + 1]
    if isinstance(value, int | float | Decimal) or value is None:
        # A number ends where its text does or at white space, a word where no name could go on.
        word = value is None or isinstance(value, bool)
        if behind and (behind.isalnum() or behind in "_$" if word else behind not in _SPACE):
            raise Malformed(text)
    return value


def _in_double_quotes(match: re.Match[str]) -> str:
    def inside(part: re.Match[str]) -> str:
        return {"\\'": "'", '"': '\\"'}.get(part[0], part[0])

    return f'"{_INSIDE.sub(inside, match[0][1:-1])}"'


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += (match[0] in "[{") - (match[0] in "]}")
        if depth > DEEPEST:
            raise Unread(f"the JSON is nested more than {DEEPEST} levels deep: flatten it in a Python table")
