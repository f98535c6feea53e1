"""JSON lines: one object a line, fields by name, values by their declared types or the files' own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.pandas import landed_csv, literal, quote
from odibi_dagster.engines.pandas.difference import difference
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Column,
    Decimal,
    Map,
    Schema,
    SparkType,
    Struct,
    to_duckdb,
)

#: What a file holds: a DuckDB name for a scalar, a list of one for arrays, a dict for objects.
Shape = str | list[Any] | dict[str, Any]

_WHOLE = ("UBIGINT", "BIGINT")


def select(connection: Any, given: Input, wanted: Schema | None, *, table: str) -> tuple[str, Schema]:
    """A SELECT with the wanted columns and `_read`, DuckDB's path of each row's file, and its schema.

    The files are read once beforehand to learn what they hold. A field that a line does not have is NULL;
    a field that is not wanted is an error. Without declared columns whole numbers are BIGINT, others
    DOUBLE, texts STRING (dates are not guessed), as Spark infers them.

    Args:
        connection: the session's connection.
        given: the landed files.
        wanted: the declared columns, or None.
        table: the table being computed, for messages.

    Raises:
        DataError: an unknown field, a field of several or of other kinds than declared, a field twice.
        duckdb.Error: a line is no JSON.
    """
    read = given.read
    assert isinstance(read, Landed)
    shapes = _shapes(connection, given, table)
    if wanted is None:
        wanted = inferred(shapes, read, table)
    names = [column.name for column in wanted]
    for file, shape in shapes.items():
        unknown = [name for name in shape if name not in names]
        if unknown:
            raise difference(
                file, list(shape), names, read, table=table, than="that are known", missing=False
            )
        problems = [p for c in wanted if c.name in shape for p in problems_of(shape[c.name], c.type, c.name)]
        if problems:
            raise DataError(
                f"{file} has fields of other kinds than declared.",
                where=Where(table=table, url=f"{read.url}/{file}"),
                why="; ".join(problems),
                remedy="Correct the file and let it land again, or change `columns:` of the source.",
            )
    spec = json.dumps({column.name: _transformed(column.type) for column in wanted})
    items = [f"{_item(column)} AS {quote.name(column.name)}" for column in wanted]
    return (
        f"SELECT {', '.join(items)}, _read FROM (SELECT json AS _json, "
        f"json_transform(json, {quote.text(spec)}) AS _t, _read FROM {source(read, _files(given))})",
        wanted,
    )


def source(read: Landed, files: Mapping[str, str]) -> str:
    """DuckDB's reader of lines as JSON objects, in the column `json`.

    Args:
        read: the landed read, for its options.
        files: local path -> path relative to the source.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for path, file in files.items():
        groups[landed_csv.compression(read, file)].append(path)
    parts = [
        f"SELECT json, _read FROM read_json_objects({quote.texts(paths)}, format = 'newline_delimited', "
        f"compression = {quote.text(packed)}, filename = '_read', hive_partitioning = false)"
        for packed, paths in groups.items()
    ]
    return f"({' UNION ALL '.join(parts)})"


def _files(given: Input) -> dict[str, str]:
    assert isinstance(given.read, Landed)
    return {path: file.path for path, file in zip(given.paths, given.read.files, strict=True)}


def _shapes(connection: Any, given: Input, table: str) -> dict[str, dict[str, Shape]]:
    """What each file's lines hold together; files without lines are left out."""
    read = given.read
    assert isinstance(read, Landed)
    keys = "json_keys(json)"
    rows = connection.execute(
        f"SELECT _read, json_group_structure(json), bool_or(len({keys}) <> len(list_distinct({keys}))), "
        f"bool_and(json_type(json) = 'OBJECT') FROM {source(read, _files(given))} GROUP BY _read"
    ).fetchall()
    by_path = {row[0]: row for row in rows}
    shapes: dict[str, dict[str, Shape]] = {}
    for path, file in zip(given.paths, read.files, strict=True):
        if path not in by_path:
            continue
        _, text, doubled, objects = by_path[path]
        if doubled or not objects:
            raise DataError(
                f"{file.path} holds "
                + ("a field twice in one line." if doubled else "a line that is no object."),
                where=Where(table=table, url=f"{read.url}/{file.path}"),
                why="each line must be one object whose fields have different names",
                remedy="Correct the file and let it land again.",
            )
        shapes[file.path] = json.loads(text)
    return shapes


def problems_of(shape: Shape, type: SparkType, path: str) -> list[str]:
    """Why values of this shape are not, all of them, values of the type."""
    if shape == "NULL":
        return []
    if isinstance(type, Struct):
        if not isinstance(shape, dict):
            return [f"{path} is {_kind(shape)}, expected {type}"]
        fields = {field.name: field.type for field in type.fields}
        found = [f"{path}.{name} is unknown" for name in shape if name not in fields]
        return found + [
            p for n, t in fields.items() if n in shape for p in problems_of(shape[n], t, f"{path}.{n}")
        ]
    if isinstance(type, Map):
        if not isinstance(shape, dict) or type.key != STRING:
            return [f"{path} is {_kind(shape)}, expected {type}"]
        return [p for n, inner in shape.items() for p in problems_of(inner, type.value, f"{path}.{n}")]
    if isinstance(type, Array):
        if not isinstance(shape, list):
            return [f"{path} is {_kind(shape)}, expected {type}"]
        return problems_of(shape[0], type.element, f"{path}[]") if shape else []
    if "." in path.replace("[]", ".") and isinstance(type, Decimal):
        return [f"{path} is a decimal inside of an object: declare it DOUBLE or STRING"]
    if isinstance(shape, str) and shape in _accepted(type):
        return []
    return [f"{path} is {_kind(shape)}, expected {type}"]


def _accepted(type: SparkType) -> tuple[str, ...]:
    if type == BOOLEAN:
        return ("BOOLEAN",)
    if type in INTEGRAL:
        return _WHOLE
    if type in (FLOAT, DOUBLE):
        return (*_WHOLE, "DOUBLE")
    if isinstance(type, Decimal):
        return (*_WHOLE, "DOUBLE", "VARCHAR")
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


def _transformed(type: SparkType) -> Any:
    """The type that json_transform reads, wide enough that nothing is rounded before it is checked."""
    if type in INTEGRAL:
        return "HUGEINT"
    if type in (FLOAT, DOUBLE):
        return "DOUBLE"
    if isinstance(type, Decimal):
        return f"DECIMAL(38,{38 - (type.precision - type.scale)})"
    if isinstance(type, Array):
        return [_transformed(type.element)]
    if isinstance(type, Struct):
        return {field.name: _transformed(field.type) for field in type.fields}
    if isinstance(type, Map):
        return to_duckdb(type)
    return "BOOLEAN" if type == BOOLEAN else "VARCHAR"


def _item(column: Column) -> str:
    """The field as its type, or an error: json_transform gives NULL for what it cannot read."""
    value, type = f"_t.{quote.name(column.name)}", to_duckdb(column.type)
    pointer = quote.text("/" + column.name.replace("~", "~0").replace("/", "~1"))
    refuse = f"CAST(error({quote.text(literal.REFUSED)}) AS {type})"
    if column.type in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        return literal.strict(value, column.type)
    lost = f"{value} IS NULL AND json_type(_json, {pointer}) <> 'NULL'"
    if isinstance(column.type, Decimal):
        rounded = f"CAST({value} AS {type}) <> {value}"
        return f"CASE WHEN {lost} OR {rounded} THEN {refuse} ELSE CAST({value} AS {type}) END"
    return f"CASE WHEN {lost} THEN {refuse} ELSE CAST({value} AS {type}) END"


def inferred(shapes: Mapping[str, Mapping[str, Shape]], read: Landed, table: str) -> Schema:
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
    numbers = (*_WHOLE, "DOUBLE")
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
