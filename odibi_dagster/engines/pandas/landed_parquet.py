"""Parquet files: columns by name, types as declared or as the files have them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.difference import difference
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.read import guarded
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    DIGITS,
    DOUBLE,
    FLOAT,
    INT,
    INTEGRAL,
    SMALLINT,
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
    from_duckdb,
    to_duckdb,
)

#: Spark reads these physical types so (ParquetToSparkSchemaConverter).
_UNSIGNED = {
    "UTINYINT": SMALLINT,
    "USMALLINT": INT,
    "UINTEGER": BIGINT,
    "UBIGINT": Decimal(20, 0),
    "UUID": STRING,
}


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
    groups: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    columns = wanted
    for path, file in zip(given.paths, read.files, strict=True):
        physical = connection.execute(f"DESCRIBE SELECT * FROM {source([path], named=False)}").fetchall()
        shape = tuple((row[0], row[1]) for row in physical)
        if shape not in groups:
            found = spark_types(shape, read, file.path, table)
            if columns is None:
                columns = found
            than = "that are declared" if wanted is not None else "of the files before it"
            names = [column.name for column in found]
            if sorted(names) != sorted(column.name for column in columns):
                raise difference(file.path, names, [c.name for c in columns], read, table=table, than=than)
            check_types(found, columns, read, file.path, table, declared=wanted is not None)
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


def spark_types(shape: tuple[tuple[str, str], ...], read: Landed, file: str, table: str) -> Schema:
    """A file's columns in Spark's types, from their names and DuckDB's types.

    Raises:
        DataError: a type that cannot be kept exactly.
    """
    columns, problems = [], []
    for name, physical in shape:
        type = _UNSIGNED.get(physical) or from_duckdb(physical)
        if type is None and physical in ("TIMESTAMP_MS", "TIMESTAMP_S"):
            type = TIMESTAMP_NTZ
        if type is None and physical.startswith("ENUM("):
            type = STRING
        if type is None:
            problems.append(f"column {name!r} is {physical}, which no table has")
        else:
            columns.append(Column(name, type))
    if problems:
        raise DataError(
            f"{file} has columns of types that cannot be kept exactly.",
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="; ".join(problems),
            remedy="Write the file with timestamps in microseconds, and without durations and times of day.",
        )
    return tuple(columns)


def check_types(
    found: Schema, wanted: Schema, read: Landed, file: str, table: str, *, declared: bool
) -> None:
    """Refuses a file whose types are neither the wanted ones nor narrower.

    Raises:
        DataError: names every column.
    """
    types = {column.name: column.type for column in found}
    problems = [
        f"column {column.name!r} is {types[column.name]}, expected {column.type}"
        for column in wanted
        if not fits(types[column.name], column.type)
    ]
    if problems:
        raise DataError(
            f"{file} has other types than " + ("those declared." if declared else "the files before it."),
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="; ".join(problems),
            remedy="Correct the file and let it land again, or change `columns:` of the source.",
        )


def fits(found: SparkType, wanted: SparkType) -> bool:
    """Whether every value of one type is, exactly, a value of the other."""
    if found == wanted:
        return True
    if found in INTEGRAL:
        if wanted in INTEGRAL:
            return INTEGRAL.index(found) < INTEGRAL.index(wanted)
        if isinstance(wanted, Decimal):
            digits = 19 if found == BIGINT else DIGITS[found]
            return wanted.precision - wanted.scale >= digits
        return wanted == DOUBLE and found != BIGINT
    if isinstance(found, Decimal) and isinstance(wanted, Decimal):
        whole = wanted.precision - wanted.scale >= found.precision - found.scale
        return whole and wanted.scale >= found.scale
    # Writers that do not mark UTC (INT96) mean an instant all the same: Spark reads them so.
    if (found, wanted) in ((FLOAT, DOUBLE), (DATE, TIMESTAMP_NTZ), (TIMESTAMP_NTZ, TIMESTAMP)):
        return True
    if isinstance(found, Array) and isinstance(wanted, Array):
        return fits(found.element, wanted.element)
    if isinstance(found, Map) and isinstance(wanted, Map):
        return fits(found.key, wanted.key) and fits(found.value, wanted.value)
    if isinstance(found, Struct) and isinstance(wanted, Struct):
        return len(found.fields) == len(wanted.fields) and all(
            a.name == b.name and fits(a.type, b.type)
            for a, b in zip(found.fields, wanted.fields, strict=True)
        )
    return False
