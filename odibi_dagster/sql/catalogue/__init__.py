"""What is proven to mean on DuckDB what it means in Spark: the dispatch tables of the compiler.

Anything that is not in here is refused.
"""

from __future__ import annotations

from . import (
    aggregates,
    arithmetic,
    casts,
    conditionals,
    dates,
    numbers,
    operators,
    strings,
    windows,
)
from .entry import Entry

_FAMILIES = (operators, arithmetic, numbers, casts, conditionals, strings, dates, aggregates, windows)


def entries() -> tuple[Entry, ...]:
    """Every entry of the catalogue, family by family, in the order of the page in the docs."""
    return tuple(entry for family in _FAMILIES for entry in family.ENTRIES)


FUNCTIONS: dict[str, Entry] = {
    name: entry for entry in entries() if entry.node is None for name in (entry.name, *entry.aliases)
}
OPERATORS: dict[type, Entry] = {
    node: entry for entry in entries() if entry.node is not None for node in entry.nodes()
}
