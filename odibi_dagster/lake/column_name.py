"""Which names a column may have: one rule on every engine."""

from __future__ import annotations

from collections.abc import Iterable

_FORBIDDEN = " ,;{}()\n\t="
#: Columns that staged files get while they are checked.
_RESERVED = ("_path", "_row")


def column_problem(name: str) -> str | None:
    """Why a column cannot have this name, or None when it can.

    Spark's Delta refuses these characters in names without column mapping
    (https://docs.delta.io/latest/delta-column-mapping.html), so they are refused on every engine.
    """
    if not name:
        return "A column's name is empty."
    if bad := sorted({char for char in name if char in _FORBIDDEN}):
        shown = " ".join(repr(char) for char in bad)
        return f"The column name {name!r} holds {shown}, which Delta tables refuse."
    if name.lower() in _RESERVED:
        return f"The column name {name!r} is used while rows are checked."
    return None


def same_column(names: Iterable[str]) -> tuple[str, str] | None:
    """Two of the names that are one column, since Delta's column names differ by more than letter case."""
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            return seen[name.lower()], name
        seen[name.lower()] = name
    return None
