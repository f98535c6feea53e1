"""How names and values are written into Spark SQL."""

from __future__ import annotations

from collections.abc import Iterable


def name(text: str) -> str:
    """An identifier, quoted: no name can end it."""
    return "`" + text.replace("`", "``") + "`"


def names(texts: Iterable[str]) -> str:
    """A list of identifiers, quoted."""
    return ", ".join(name(text) for text in texts)


def text(value: str) -> str:
    """A string literal: no value can end it, and no backslash in it means anything."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
