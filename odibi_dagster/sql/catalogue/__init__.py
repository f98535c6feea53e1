"""What is proven to mean on DuckDB what it means in Spark: the dispatch tables of the compiler.

Anything that is not in here is refused.
"""

from __future__ import annotations

from . import (
    aggregates,
    arithmetic,
    array_order,
    array_sets,
    arrays,
    bitwise,
    cast_functions,
    casts,
    conditionals,
    dates,
    datetime_text,
    encodings,
    epochs,
    formats,
    generators,
    grouping,
    json_text,
    lambdas,
    maps,
    math,
    nulls,
    numbers,
    operators,
    ordered,
    patterns,
    regex,
    rounding,
    search,
    slices,
    statistics,
    strings,
    structs,
    timestamps,
    try_arithmetic,
    windows,
)
from .entry import Entry

_FAMILIES = (
    operators,
    arithmetic,
    numbers,
    math,
    casts,
    conditionals,
    strings,
    dates,
    aggregates,
    windows,
    grouping,
    generators,
    rounding,
    bitwise,
    try_arithmetic,
    statistics,
    ordered,
    slices,
    search,
    encodings,
    formats,
    arrays,
    array_order,
    array_sets,
    timestamps,
    epochs,
    datetime_text,
    lambdas,
    maps,
    structs,
    json_text,
    patterns,
    regex,
    nulls,
    cast_functions,
)


def families() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The families with their entries, in the order of the page in the docs."""
    return tuple((family.TITLE, family.ENTRIES) for family in _FAMILIES)


def entries() -> tuple[Entry, ...]:
    """Every entry of the catalogue."""
    return tuple(entry for _, family in families() for entry in family)


FUNCTIONS: dict[str, Entry] = {
    name: entry for entry in entries() if entry.node is None for name in (entry.name, *entry.aliases)
}
OPERATORS: dict[type, Entry] = {
    node: entry for entry in entries() if entry.node is not None for node in entry.nodes()
}
