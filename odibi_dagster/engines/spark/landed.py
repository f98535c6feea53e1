"""Landed files as one DataFrame: nothing guessed, nothing dropped, as on the pandas engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.landed.columns import LandedColumns, check_folder, refuse_clash
from odibi_dagster.engines.protocol import Landed, LocalEngine
from odibi_dagster.engines.spark import (
    landed_csv,
    landed_json,
    landed_parquet,
    literal,
    paths,
    quote,
    types,
)
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Column, Schema

_READERS = {"csv": landed_csv, "json": landed_json, "parquet": landed_parquet}


def frame(spark: Any, local: LocalEngine, read: Landed, *, table: str) -> tuple[Any, Schema]:
    """A DataFrame over a landed read's files, and its schema.

    The columns are the declared ones in their order, or the files' own; then hive folders that are not
    declared, as STRING; then `_file` (the path relative to the source), `_batch` (only with a batch) and
    `_landed_at`.

    Args:
        spark: the session.
        local: says what is wrong with a file.
        read: the landed files.
        table: the table being computed, for messages.

    Raises:
        DataError: a file has other columns or types than declared or than the first file, or there are none;
            a file cannot be parsed, as far as that is seen before its rows are asked for.
        pyspark.errors.PySparkException: a file cannot be read.
    """
    _refuse_hidden(read, table)
    columns = LandedColumns.of(read)
    if not read.files:
        schema = columns.all(columns.declared or ())
        return nothing(spark, schema), schema
    rows, found = _READERS[read.format].frame(spark, local, read, columns.wanted, table=table)
    refuse_clash(found, columns.added, read, table=table)
    schema = columns.all(found)
    inner = [column.name for column in columns.folders]
    if inner:
        rows = _with_folders(spark, rows, read, inner)
    items = [
        _folder_item(column, table) if column.name in inner else quote.name(column.name)
        for column in schema[: -len(columns.last)]
    ]
    return rows.selectExpr(*items, *_values(read)), schema


def nothing(spark: Any, schema: Schema) -> Any:
    """A DataFrame with these columns and no rows."""
    items = (f"CAST(NULL AS {types.ddl(column.type)}) AS {quote.name(column.name)}" for column in schema)
    return spark.sql(f"SELECT {', '.join(items)} WHERE false")


def _values(read: Landed) -> list[str]:
    batch = [f"CAST({int(read.batch)} AS BIGINT) AS _batch"] if read.batch is not None else []
    instant = quote.text(read.landed_at.isoformat(sep=" "))
    return ["_file", *batch, f"TIMESTAMP {instant} AS _landed_at"]


def _with_folders(spark: Any, found: Any, read: Landed, folders: Sequence[str]) -> Any:
    """The rows with the values of their files' folders, as texts, in columns `_folder_0`, `_folder_1`, …"""
    rows = []
    for file in read.files:
        values = [file.folder_values.get(name) for name in folders]
        texts = ["CAST(NULL AS STRING)" if value is None else quote.text(value) for value in values]
        rows.append(f"({', '.join([quote.text(file.path), *texts])})")
    names = ", ".join(["_place", *(f"_folder_{_hex(name)}" for name in folders)])
    listed = spark.sql(f"SELECT * FROM VALUES {', '.join(rows)} AS v({names})")
    return found.join(listed.hint("broadcast"), found["_file"] == listed["_place"])


def _hex(name: str) -> str:
    """A name's characters as an identifier without quotes."""
    return name.encode().hex()


def _folder_item(column: Column, table: str) -> str:
    check_folder(column, table=table)
    value = f"_folder_{_hex(column.name)}"
    return f"{literal.strict(value, column.type)} AS {quote.name(column.name)}"


def _refuse_hidden(read: Landed, table: str) -> None:
    lost = [file.path for file in read.files if paths.hidden(file.path)]
    if lost:
        raise DataError(
            f"Spark leaves out files whose names begin with _ or a dot: {', '.join(lost[:5])}.",
            where=Where(table=table, url=f"{read.url}/{lost[0]}"),
            why="they would be missing without a word",
            remedy="Rename them, or let the table say `engine: pandas`.",
        )
