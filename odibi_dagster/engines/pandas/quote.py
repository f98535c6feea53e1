"""How names and values are written into DuckDB SQL."""

from __future__ import annotations

from collections.abc import Iterable


def name(text: str) -> str:
    """An identifier, quoted: no name can end it."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal: no value can end it."""
    if "\0" in value:
        return " || chr(0) || ".join(text(part) for part in value.split("\0"))
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A list literal of strings."""
    return "[" + ", ".join(text(value) for value in values) + "]"
