"""Schemas written as text: `a INT, b ARRAY<STRING>`, `STRUCT<a: INT>`, `MAP<STRING, INT>`."""

from __future__ import annotations

import re

from odibi_dagster.sql.types import Array, Column, Map, SparkType, Struct, parse_type, split_outside

_FIELD = re.compile(r"(?:`((?:[^`]|``)+)`|(\w+))\s*(?::|\s)\s*(\S.*)", re.DOTALL)


def parse_ddl(text: str) -> SparkType:
    """The type a schema's text names: fields without brackets are a struct.

    Args:
        text: Spark's DDL, in any case; field names with other characters than letters, digits and `_` stand
            in backquotes. NOT NULL, COMMENT and DEFAULT are not read.

    Raises:
        ValueError: it is none.
    """
    try:
        return _type(text)
    except ValueError:
        return _fields(text)


def _type(text: str) -> SparkType:
    kind, _, inner = text.strip().partition("<")
    if not inner.endswith(">"):
        return parse_type(text)
    kind, inner = kind.strip().lower(), inner[:-1]
    parts = split_outside(inner, ",")
    if kind == "array" and len(parts) == 1:
        return Array(_type(parts[0]))
    if kind == "map" and len(parts) == 2:
        return Map(_type(parts[0]), _type(parts[1]))
    if kind == "struct":
        return _fields(inner)
    return parse_type(text)


def _fields(text: str) -> Struct:
    columns = []
    for part in split_outside(text, ","):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not a field: write its name and its type")
        columns.append(Column(match[1].replace("``", "`") if match[1] else match[2], _type(match[3])))
    if not columns:
        raise ValueError("a schema has a field at least")
    return Struct(tuple(columns))
