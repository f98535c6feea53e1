"""Casts as functions."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "boolean": ("boolean(i)",),
    "tinyint": ("tinyint(j)",),
    "smallint": ("smallint(si)",),
    "int": (
        "int(n)",
        "int(d)",
        "int(i / 2)",
    ),
    "bigint": ("bigint(a)",),
    "double": ("double(a)",),
    "decimal": ("decimal(i)",),
    "string": (
        "string(i)",
        "string(dt)",
        "string(a * 2)",
    ),
    "binary": ("binary(s)",),
    "date": ("date(ts)",),
    "timestamp": ("timestamp(dt)",),
}
