"""Paths into JSON, and what is there: get_json_object.

Source: Spark's documentation of get_json_object, and Hive's of get_json_object for `[*]`: one match of a
wildcard stands without the array around it, two wildcards in a row make one flat array.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .read import Malformed, Members, read_loose
from .write import SINGLE, write

Step = str | int | None  # a name, a place in an array, None for [*]
RAW, QUOTED, FLAT = "raw", "quoted", "flat"
_STEP = re.compile(r"\.([^.\[\]\s*?'\"]+(?: [^.\[\]\s*?'\"]+)*)|\['([^'*?]+)'\]|\[(\d{1,9})\]|(\[\*\])")


def parse_path(path: str) -> tuple[Step, ...] | None:
    """The steps of `$.name`, `$['name']`, `$[0]`, `$[*]`; None for any other path.

    Whether Spark reads one of those does not matter: no value is there for any row.
    """
    if not path.startswith("$"):
        return None
    at, steps = 1, list[Step]()
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        name = match[1] or match[2]
        steps.append(name if name else int(match[3]) if match[3] else None)
        at = match.end()
    return tuple(steps)


_steps = lru_cache(maxsize=256)(parse_path)


def get_json_object(text: str | None, path: str | None) -> str | None:
    """What stands at a path in a JSON text: strings bare, numbers printed anew, the rest as JSON.

    NULL for malformed JSON, for a path that leads nowhere, and for JSON's null.

    Raises:
        Unread: see `read_loose`.
    """
    steps = _steps(path) if path is not None else None
    if text is None or steps is None:
        return None
    out: list[str] = []
    try:
        found = _walk(read_loose(text), steps, RAW, out, escaped=True)
    except Malformed:
        return None
    whole = " ".join(out)
    return None if not found or SINGLE.search(whole) else whole


def _walk(value: Any, path: tuple[Step, ...], style: str, out: list[str], *, escaped: bool) -> bool:
    """Writes what the path leads to; whether it led to anything."""
    if not path:
        return _copy(value, style, out, escaped=escaped)
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if isinstance(value, Members):
            for name, one in value:
                if name == step and one is not None and _walk(one, rest, style, out, escaped=escaped):
                    return True
        return False
    if not isinstance(value, list) or isinstance(value, Members):
        return False
    if step is not None:
        if step >= len(value):
            return False
        inner = QUOTED if rest and rest[0] is None else style
        return _walk(value[step], rest, inner, out, escaped=escaped)
    return _each(value, rest, style, out, escaped=escaped)


def _copy(value: Any, style: str, out: list[str], *, escaped: bool) -> bool:
    if style == RAW and isinstance(value, str):
        out.append(value)
        return True
    if style == FLAT and isinstance(value, list) and not isinstance(value, Members):
        return sum([_copy(one, FLAT, out, escaped=escaped) for one in value]) > 0
    out.append(write(value, escaped=escaped))
    return True


def _each(value: list[Any], rest: tuple[Step, ...], style: str, out: list[str], *, escaped: bool) -> bool:
    """`[*]`, with the rest of the path in every element."""
    inner: list[str] = []
    if rest and rest[0] is None:
        matches = sum([_walk(one, rest[1:], FLAT, inner, escaped=escaped) for one in value])
    elif style == QUOTED:
        matches = sum([_walk(one, rest, QUOTED, inner, escaped=escaped) for one in value])
    else:
        kept = FLAT if style == FLAT else QUOTED
        matches = sum([_walk(one, rest, kept, inner, escaped=False) for one in value])
        if matches:
            joined = ",".join(inner)
            out.append(f"[{joined}]" if matches > 1 else joined)
        return matches > 0
    out.append(f"[{','.join(inner)}]")
    return matches > 0
