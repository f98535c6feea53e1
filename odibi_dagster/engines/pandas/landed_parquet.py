"""Parquet files: columns by name, types as declared or as the files have them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from odibi_dagster.engines.landed.parquet_types import Shape, check_columns, spark_types
from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.read import guarded
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.sql.types import Column, Schema, to_duckdb


def select(connection: Any, given: Input, wanted: Schema | None, *, table: str) -> tuple[str, Schema]:
    """A SELECT with the wanted columns and `_read`, DuckDB's path of each row's file, and its schema.

    A column may be narrower in a file than it is declared (INT for BIGINT, fewer digits); everything else
    that differs is an error. Files may have the columns in different orders.

    Args:
        connection: the session's connection.
        given: the landed files.
        wanted: the declared columns; None: the files' own, which must then all have the same.
        table: the table being computed, for messages.

    Raises:
        DataError: a file has other columns or types.
        duckdb.Error: a file is no Parquet file.
    """
    read = given.read
    assert isinstance(read, Landed)
    groups: dict[Shape, list[str]] = defaultdict(list)
    columns = wanted
    for path, file in zip(given.paths, read.files, strict=True):
        physical = connection.execute(f"DESCRIBE SELECT * FROM {source([path], named=False)}").fetchall()
        shape = tuple((row[0], row[1]) for row in physical)
        if shape not in groups:
            found = spark_types(shape, read, file.path, table=table)
            if columns is None:
                columns = found
            check_columns(found, columns, read, file.path, table=table, declared=wanted is not None)
        groups[shape].append(path)
    assert columns is not None
    parts = []
    for shape, paths in groups.items():
        physical_types = dict(shape)
        items = [_item(column, physical_types[column.name]) for column in columns]
        parts.append(f"SELECT {', '.join(items)}, _read FROM {source(paths)}")
    return " UNION ALL ".join(parts), columns


def source(paths: list[str], *, named: bool = True) -> str:
    """DuckDB's reader over Parquet files with the same columns."""
    name = ", filename = '_read'" if named else ""
    return f"read_parquet({quote.texts(paths)}, hive_partitioning = false{name})"


def _item(column: Column, physical: str) -> str:
    label, type = quote.name(column.name), to_duckdb(column.type)
    expression = label if physical == type else f"CAST({label} AS {type})"
    return f"{guarded(expression, column.type)} AS {label}"
