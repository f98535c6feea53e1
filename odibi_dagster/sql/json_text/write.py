"""JSON as Spark's generator (Jackson's) writes it, without spaces."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from .read import Members

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_PLAIN = re.compile(r'["\\\x00-\x1f]')
# Written as bytes, pairs of surrogates and single ones stand as escapes.
_BYTES = re.compile(r'["\\\x00-\x1f\ud800-\udfff\U00010000-\U0010ffff]')
SINGLE = re.compile("[\ud800-\udfff]")


def write(value: Any, *, escaped: bool) -> str:
    """The JSON text of a value that `read_loose` gave.

    Args:
        escaped: whether characters beyond U+FFFF are written as two escapes, as Spark does wherever it
            writes bytes and not characters.
    """
    if isinstance(value, str):
        return text(value, escaped=escaped)
    if isinstance(value, Members):
        parts = (f"{text(name, escaped=escaped)}:{write(one, escaped=escaped)}" for name, one in value)
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(one, escaped=escaped) for one in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    shown = double(float(value))
    return shown if shown[-1].isdigit() else f'"{shown}"'


def text(value: str, *, escaped: bool) -> str:
    """A JSON string with its quotes."""
    return f'"{(_BYTES if escaped else _PLAIN).sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    one = match[0]
    if one in _SHORT:
        return _SHORT[one]
    code = ord(one)
    if code < 0x10000:
        return f"\\u{code:04X}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}"


def double(value: float) -> str:
    """A double as Java 19 and later print it (`Double.toString`): 1.5, 1.0E10, NaN, -Infinity.

    Older Java gives a few numbers a digit more.
    """
    if value != value:
        return "NaN"
    size = abs(value)
    if size == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    rest = "".join(map(str, digits[1:])) or "0"
    return f"{'-' * sign}{digits[0]}.{rest}E{exponent + len(digits) - 1}"
