"""Parquet files: columns by name, types as declared or as the files have them."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any

from odibi_dagster.engines.landed.parquet_types import Shape, check_columns, spark_types
from odibi_dagster.engines.protocol import Landed, LandedFile, LocalEngine
from odibi_dagster.engines.spark import paths, quote, types
from odibi_dagster.engines.spark.unreadable import refuse_broken
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Column, Schema
from odibi_dagster.storage.objects import Objects, open_objects

_FOOTERS_AT_ONCE = 16
#: Bytes behind the footer: its length and the magic number (Parquet, "File format").
_END = 8


def frame(
    spark: Any, local: LocalEngine, read: Landed, wanted: Schema | None, *, table: str
) -> tuple[Any, Schema]:
    """A DataFrame with the wanted columns and `_file`, and its schema.

    A column may be narrower in a file than it is declared (INT for BIGINT, fewer digits); everything else
    that differs is an error. Files may have the columns in different orders. Each file's footer is read
    first: Spark would take NULL for columns that a file does not have, and leave out those it has besides.

    Args:
        spark: the session.
        local: says what is wrong with a file.
        read: the landed files; there is at least one.
        wanted: the declared columns; None: the files' own, which must then all have the same.
        table: the table being computed, for messages.

    Raises:
        DataError: a file has other columns or types, or is no Parquet file.
    """
    groups: dict[Shape, list[str]] = defaultdict(list)
    found: dict[Shape, Schema] = {}
    columns = wanted
    for file, shape in zip(read.files, _shapes(local, read, table), strict=True):
        if shape not in groups:
            found[shape] = spark_types(shape, read, file.path, table=table)
            _refuse_uuid(shape, read, file, table)
            if columns is None:
                columns = found[shape]
            check_columns(found[shape], columns, read, file.path, table=table, declared=wanted is not None)
        groups[shape].append(file.path)
    assert columns is not None
    parts = [_rows(spark, read, found[shape], files, columns) for shape, files in groups.items()]
    return reduce(lambda one, other: one.unionAll(other), parts), columns


def _rows(spark: Any, read: Landed, physical: Schema, files: list[str], columns: Schema) -> Any:
    reader = spark.read.format("parquet").schema(types.native(physical))
    own = {column.name: column.type for column in physical}
    items = [_item(column, own[column.name] == column.type) for column in columns]
    return paths.load(reader, read.url, files).selectExpr(*items, f"{paths.relative(read.url)} AS _file")


def _item(column: Column, same: bool) -> str:
    name = quote.name(column.name)
    return name if same else f"CAST({name} AS {types.ddl(column.type)}) AS {name}"


def _shapes(local: LocalEngine, read: Landed, table: str) -> list[Shape]:
    """Each file's columns, from its footer alone."""
    import duckdb

    objects = open_objects(read.url)
    shapes: list[Shape] = []
    with (
        tempfile.TemporaryDirectory(prefix="odibi-") as folder,
        ThreadPoolExecutor(_FOOTERS_AT_ONCE) as pool,
        duckdb.connect(":memory:", config={"threads": 1}) as connection,
    ):
        footers = pool.map(lambda file: _footer(objects, file), read.files)
        for file, footer in zip(read.files, footers, strict=True):
            path = os.path.join(folder, "footer")
            with open(path, "wb") as sparse:
                sparse.write(b"PAR1")
                sparse.truncate(file.size)
                sparse.seek(max(0, file.size - len(footer)))
                sparse.write(footer)
            try:
                found = connection.read_parquet(path, hive_partitioning=False)
            except duckdb.Error as error:
                refuse_broken(local, read, [file.path], table, otherwise=str(error))
                raise
            finally:
                os.remove(path)
            shapes.append(tuple(zip(found.columns, map(str, found.types), strict=True)))
    return shapes


def _footer(objects: Objects, file: LandedFile) -> bytes:
    """The file's footer, with its length and magic number; what stands for it in a file that has none."""
    end = objects.part(file.path, max(0, file.size - _END), file.size) if file.size else b""
    if len(end) < _END or end[-4:] != b"PAR1":
        return end
    length = int.from_bytes(end[:4], "little") + _END
    return objects.part(file.path, max(0, file.size - length), file.size) if length <= file.size else end


def _refuse_uuid(shape: Shape, read: Landed, file: LandedFile, table: str) -> None:
    names = [name for name, type in shape if "UUID" in type]
    if names:
        raise DataError(
            f"{file.path} has columns that Spark cannot read: {', '.join(names)}.",
            where=Where(table=table, url=f"{read.url}/{file.path}"),
            why="they are UUIDs",
            remedy="Write them as strings, or let the table say `engine: pandas`.",
        )
