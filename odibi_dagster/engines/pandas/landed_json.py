"""JSON lines: one object a line, fields by name, values by their declared types or the files' own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.landed.csv_files import compression
from odibi_dagster.engines.landed.forms import REFUSED
from odibi_dagster.engines.landed.json_fields import Shape, check_fields
from odibi_dagster.engines.landed.json_inferred import inferred
from odibi_dagster.engines.pandas import literal, quote
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
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
        wanted = inferred(shapes, read, table=table)
    check_fields(shapes, wanted, read, table=table)
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
        groups[compression(read, file)].append(path)
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
    refuse = f"CAST(error({quote.text(REFUSED)}) AS {type})"
    if column.type in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        return literal.strict(value, column.type)
    lost = f"{value} IS NULL AND json_type(_json, {pointer}) <> 'NULL'"
    if isinstance(column.type, Decimal):
        rounded = f"CAST({value} AS {type}) <> {value}"
        return f"CASE WHEN {lost} OR {rounded} THEN {refuse} ELSE CAST({value} AS {type}) END"
    return f"CASE WHEN {lost} THEN {refuse} ELSE CAST({value} AS {type}) END"
