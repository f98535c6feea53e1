"""One pinned version of a Delta table as a DuckDB view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.pandas import links, quote
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.sql.types import DOUBLE, FLOAT, Array, Column, Map, Schema, SparkType, Struct, to_duckdb

#: DuckDB's file name, under a name that no table has.
_FILE = "_odibi_read_from"


def select(
    connection: Any,
    table: TableFiles,
    paths: Sequence[str],
    *,
    file: Column | None = None,
    row: Column | None = None,
    root: str = "",
) -> str:
    """A SELECT with exactly the table's columns, in its order and types, over its files.

    A column that a file does not have (the schema grew) is NULL there; a physical type that differs
    (INT96 timestamps, a type that was widened) is cast, and a cast that does not fit is an error.

    Args:
        connection: the session's connection.
        table: the pinned version.
        paths: the files' local paths, in the order of `table.files`.
        file: also give each row's file, relative to `root`, in this column.
        row: also give each row's number within its file, in this column.
        root: the table's local folder.
    """
    extra = [column for column in (file, row) if column is not None]
    if not paths:
        columns = (*table.schema, *extra)
        nothing = [f"CAST(NULL AS {to_duckdb(c.type)}) AS {quote.name(c.name)}" for c in columns]
        return f"SELECT {', '.join(nothing)} WHERE false"
    source = _source(table, paths, file is not None, row is not None)
    physical = _columns(connection, source)
    foreign = any(not file.path.startswith("staged-") for file in table.files)
    items = [_item(column, physical, foreign and column.name not in table.partition_by)
             for column in table.schema]  # fmt: skip
    if file is not None:
        items.append(f"{links.original(_FILE, root, table.files, paths)} AS {quote.name(file.name)}")
    if row is not None:
        items.append(f"file_row_number AS {quote.name(row.name)}")
    return f"SELECT {', '.join(items)} FROM {source}"


def streamed(connection: Any, table: TableFiles, names: Sequence[str], source: str) -> str:
    """A SELECT with the named columns, in the table's order and types, over a registered Arrow stream.

    Args:
        connection: the session's connection.
        table: the pinned version.
        names: the columns that the stream has.
        source: the name it is registered by.
    """
    physical = _columns(connection, quote.name(source))
    items = [_item(column, physical, guard=False) for column in table.schema if column.name in names]
    return f"SELECT {', '.join(items)} FROM {quote.name(source)}"


def guarded(expression: str, type: SparkType) -> str:
    """The expression, such that DuckDB does not decide anything about it by a Parquet file's statistics.

    Writers such as pyarrow and delta-rs leave NaN out of a column's minimum and maximum, and DuckDB then
    loses the rows whose value is NaN (seen in 2.0.0: `f > 5` and `isnan(f)` find none). Files that our COPY
    wrote say so when they hold NaN.
    """
    if type in (FLOAT, DOUBLE):
        return f"CASE WHEN isnan({expression}) THEN CAST('NaN' AS {to_duckdb(type)}) ELSE {expression} END"
    if _holds_floats(type):
        return f"CASE WHEN random() < 2 THEN {expression} END"
    return expression


def _holds_floats(type: SparkType) -> bool:
    if isinstance(type, Array):
        return _holds_floats(type.element)
    if isinstance(type, Map):
        return _holds_floats(type.key) or _holds_floats(type.value)
    if isinstance(type, Struct):
        return any(_holds_floats(field.type) for field in type.fields)
    return type in (FLOAT, DOUBLE)


def _source(table: TableFiles, paths: Sequence[str], file: bool, row: bool) -> str:
    # One write's files have one schema, and DuckDB need not open all of them to know the columns.
    writes = {each.path.partition("/")[0] for each in table.files}
    one_write = len(writes) == 1 and writes.pop().startswith("staged-")
    options = [] if one_write else ["union_by_name = true"]
    if table.partition_by:
        options += [
            "hive_partitioning = true",
            f"hive_types = {_hive_types(table.schema, table.partition_by)}",
        ]
    else:
        options += ["hive_partitioning = false"]
    if file:
        options.append(f"filename = {quote.text(_FILE)}")
    if row:
        options.append("file_row_number = true")
    return f"read_parquet({quote.texts(paths)}, {', '.join(options)})"


def _hive_types(schema: Schema, partition_by: Sequence[str]) -> str:
    types = {column.name: to_duckdb(column.type) for column in schema}
    return "{" + ", ".join(f"{quote.text(name)}: {quote.text(types[name])}" for name in partition_by) + "}"


def _columns(connection: Any, source: str) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    return {row[0].lower(): row[1] for row in rows}


def _item(column: Column, physical: dict[str, str], guard: bool) -> str:
    label, wanted = quote.name(column.name), to_duckdb(column.type)
    found = physical.get(column.name.lower())
    if found is None:
        return f"CAST(NULL AS {wanted}) AS {label}"
    expression = label if found == wanted else f"CAST({label} AS {wanted})"
    return f"{guarded(expression, column.type) if guard else expression} AS {label}"
