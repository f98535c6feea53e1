"""What JSON lines hold, and whether it is what was declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.landed.difference import difference
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Decimal,
    Map,
    Schema,
    SparkType,
    Struct,
)

#: What a file holds: a DuckDB name for a scalar, a list of one for arrays, a dict for objects.
Shape = str | list[Any] | dict[str, Any]

#: The words of it for whole numbers.
WHOLE = ("UBIGINT", "BIGINT")


def check_fields(
    shapes: Mapping[str, Mapping[str, Shape]], wanted: Schema, read: Landed, *, table: str
) -> None:
    """Refuses files whose fields are not, all of them, wanted ones of their types.

    Args:
        shapes: path relative to the source -> what the file's lines hold together.
        wanted: the columns.
        read: what is being read.
        table: the table being computed.

    Raises:
        DataError: names the first such file and every field of it.
    """
    names = [column.name for column in wanted]
    for file, shape in shapes.items():
        if any(name not in names for name in shape):
            raise difference(
                file, list(shape), names, read, table=table, than="that are known", missing=False
            )
        problems = [p for c in wanted if c.name in shape for p in _problems(shape[c.name], c.type, c.name)]
        if problems:
            raise DataError(
                f"{file} has fields of other kinds than declared.",
                where=Where(table=table, url=f"{read.url}/{file}"),
                why="; ".join(problems),
                remedy="Correct the file and let it land again, or change `columns:` of the source.",
            )


def _problems(shape: Shape, type: SparkType, path: str) -> list[str]:
    """Why values of this shape are not, all of them, values of the type."""
    if shape == "NULL":
        return []
    if isinstance(type, Struct):
        if not isinstance(shape, dict):
            return [f"{path} is {_kind(shape)}, expected {type}"]
        fields = {field.name: field.type for field in type.fields}
        found = [f"{path}.{name} is unknown" for name in shape if name not in fields]
        return found + [
            p for n, t in fields.items() if n in shape for p in _problems(shape[n], t, f"{path}.{n}")
        ]
    if isinstance(type, Map):
        if not isinstance(shape, dict) or type.key != STRING:
            return [f"{path} is {_kind(shape)}, expected {type}"]
        return [p for n, inner in shape.items() for p in _problems(inner, type.value, f"{path}.{n}")]
    if isinstance(type, Array):
        if not isinstance(shape, list):
            return [f"{path} is {_kind(shape)}, expected {type}"]
        return _problems(shape[0], type.element, f"{path}[]") if shape else []
    if "." in path.replace("[]", ".") and isinstance(type, Decimal):
        return [f"{path} is a decimal inside of an object: declare it DOUBLE or STRING"]
    if isinstance(shape, str) and shape in _accepted(type):
        return []
    return [f"{path} is {_kind(shape)}, expected {type}"]


def _accepted(type: SparkType) -> tuple[str, ...]:
    if type == BOOLEAN:
        return ("BOOLEAN",)
    if type in INTEGRAL:
        return WHOLE
    if type in (FLOAT, DOUBLE):
        return (*WHOLE, "DOUBLE")
    if isinstance(type, Decimal):
        return (*WHOLE, "DOUBLE", "VARCHAR")
    return ("VARCHAR",) if type in (STRING, DATE, TIMESTAMP, TIMESTAMP_NTZ) else ()


def _kind(shape: Shape) -> str:
    if isinstance(shape, (dict, list)):
        return "an object" if isinstance(shape, dict) else "an array"
    words = {
        "UBIGINT": "a whole number",
        "BIGINT": "a whole number",
        "DOUBLE": "a number",
        "VARCHAR": "a text",
        "BOOLEAN": "true or false",
        "JSON": "of several kinds",
    }
    return words.get(shape, shape)
