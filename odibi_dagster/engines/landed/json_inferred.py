"""The columns of JSON lines that nothing is declared of."""

from __future__ import annotations

from collections.abc import Mapping

from odibi_dagster.engines.landed.json_fields import WHOLE, Shape
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import BIGINT, BOOLEAN, DOUBLE, STRING, Array, Column, Schema, SparkType, Struct


def inferred(shapes: Mapping[str, Mapping[str, Shape]], read: Landed, *, table: str) -> Schema:
    """The columns of files that nothing is declared of: all their fields, each of one kind.

    Raises:
        DataError: no fields at all, or a field of several kinds.
    """
    merged: dict[str, Shape] = {}
    for shape in shapes.values():
        for name, inner in shape.items():
            merged[name] = _merged(merged[name], inner) if name in merged else inner
    if not merged:
        raise DataError(
            f"The files of {read.name} have no fields to learn its columns from.",
            where=Where(table=table, url=read.url),
            remedy="Declare `columns:`.",
        )
    columns, problems = [], []
    for name, shape_ in merged.items():
        type = _type(shape_)
        if type is None:
            problems.append(f"field {name!r} is of several kinds")
        else:
            columns.append(Column(name, type))
    if problems:
        raise DataError(
            f"The fields of {read.name} do not all have one type.",
            where=Where(table=table, url=read.url),
            why="; ".join(problems),
            remedy="Declare `columns:`, and correct the files whose values are of another kind.",
        )
    return tuple(columns)


def _merged(a: Shape, b: Shape) -> Shape:
    if a == b or b == "NULL":
        return a
    if a == "NULL":
        return b
    if isinstance(a, dict) and isinstance(b, dict):
        return {name: _merged(a.get(name, "NULL"), b.get(name, "NULL")) for name in {**a, **b}}
    if isinstance(a, list) and isinstance(b, list):
        return [_merged(a[0] if a else "NULL", b[0] if b else "NULL")]
    numbers = (*WHOLE, "DOUBLE")
    if a in numbers and b in numbers:
        return "DOUBLE" if "DOUBLE" in (a, b) else "BIGINT"
    return "JSON"


def _type(shape: Shape) -> SparkType | None:
    if isinstance(shape, list):
        element = _type(shape[0]) if shape else STRING
        return Array(element) if element else None
    if isinstance(shape, dict):
        fields = [(name, _type(inner)) for name, inner in shape.items()]
        if any(type is None for _, type in fields) or not fields:
            return None
        return Struct(tuple(Column(name, type) for name, type in fields if type))
    scalars = {"UBIGINT": BIGINT, "BIGINT": BIGINT, "DOUBLE": DOUBLE, "BOOLEAN": BOOLEAN, "VARCHAR": STRING}
    return scalars.get(shape, STRING if shape == "NULL" else None)
