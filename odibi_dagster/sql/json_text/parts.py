"""The parts of a JSON text: json_tuple, json_array_length, json_object_keys."""

from __future__ import annotations

from typing import Any

from .read import Malformed, Members, read_loose
from .write import SINGLE, write


def json_tuple(text: str | None, names: list[str]) -> list[str | None]:
    """The value of each name of an object: strings bare, the rest as JSON; of a name there twice the last.

    NULLs for JSON's null, and where the text is no object.

    Raises:
        Unread: see `read_loose`.
    """
    value = _read(text)
    if not isinstance(value, Members):
        return [None] * len(names)
    found: dict[str, str] = {}
    for name, one in value:
        if one is not None and name in names:
            found[name] = one if isinstance(one, str) else write(one, escaped=True)
    if any(SINGLE.search(one) for one in found.values()):
        return [None] * len(names)
    return [found.get(name) for name in names]


def json_array_length(text: str | None) -> int | None:
    """How many elements an array has; NULL where the text is none.

    Raises:
        Unread: see `read_loose`.
    """
    value = _read(text)
    return len(value) if isinstance(value, list) and not isinstance(value, Members) else None


def json_object_keys(text: str | None) -> list[str] | None:
    """The names of an object in their order, also those there twice; NULL where the text is none.

    Raises:
        Unread: see `read_loose`.
    """
    value = _read(text)
    return [name for name, _ in value] if isinstance(value, Members) else None


def _read(text: str | None) -> Any:
    try:
        return None if text is None else read_loose(text)
    except Malformed:
        return None
