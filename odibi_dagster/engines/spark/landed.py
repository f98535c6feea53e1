"""Landed files as one DataFrame: nothing guessed, nothing dropped, as on the pandas engine."""

from __future__ import annotations

from typing import Any

from odibi_dagster.engines.pandas.literal import readable
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed
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
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column, Schema

_READERS = {"csv": landed_csv, "json": landed_json, "parquet": landed_parquet}


def frame(spark: Any, read: Landed, *, table: str) -> tuple[Any, Schema]:
    """A DataFrame over a landed read's files, and its schema.

    The columns are the declared ones in their order, or the files' own; then hive folders that are not
    declared, as STRING; then `_file` (the path relative to the source), `_batch` (only with a batch) and
    `_landed_at`.

    Args:
        spark: the session.
        read: the landed files.
        table: the table being computed, for messages.

    Raises:
        DataError: a file has other columns or types than declared or than the first file, or there are none;
            a file cannot be parsed, as far as that is seen before its rows are asked for.
        pyspark.errors.PySparkException: a file cannot be read.
    """
    _refuse_hidden(read, table)
    folders = tuple(dict.fromkeys(name for file in read.files for name in file.folder_values))
    added = {*LANDED_COLUMNS, *folders}
    declared = None if read.schema is None else tuple(c for c in read.schema if c.name not in LANDED_COLUMNS)
    wanted = None if declared is None else tuple(c for c in declared if c.name not in added)
    last = _last(read)
    if not read.files:
        schema = (*(declared or ()), *(column for column, _ in last))
        return nothing(spark, schema), schema
    found, columns = _READERS[read.format].frame(spark, read, wanted, table=table)
    _refuse_clash(columns, added, read, table)
    known = {column.name: column for column in declared or ()}
    base = {column.name: column for column in columns}
    folder_columns = {name: known.get(name, Column(name, STRING)) for name in folders}
    if folders:
        found = _with_folders(spark, found, read, folders)
    items: list[str] = []
    schema_list: list[Column] = []
    for column in (*(declared if declared is not None else columns), *folder_columns.values()):
        if column.name in {done.name for done in schema_list}:
            continue
        inner = column.name in folder_columns
        items.append(_folder_item(column, table) if inner else quote.name(column.name))
        schema_list.append(base.get(column.name, column))
    items += [text for _, text in last]
    return found.selectExpr(*items), (*schema_list, *(column for column, _ in last))


def nothing(spark: Any, schema: Schema) -> Any:
    """A DataFrame with these columns and no rows."""
    items = (f"CAST(NULL AS {types.ddl(column.type)}) AS {quote.name(column.name)}" for column in schema)
    return spark.sql(f"SELECT {', '.join(items)} WHERE false")


def _last(read: Landed) -> list[tuple[Column, str]]:
    instant = quote.text(read.landed_at.isoformat(sep=" "))
    columns = [(Column("_file", STRING, nullable=False), "_file")]
    if read.batch is not None:
        number = f"CAST({int(read.batch)} AS BIGINT) AS _batch"
        columns.append((Column("_batch", BIGINT, nullable=False), number))
    columns.append((Column("_landed_at", TIMESTAMP, nullable=False), f"TIMESTAMP {instant} AS _landed_at"))
    return columns


def _with_folders(spark: Any, found: Any, read: Landed, folders: tuple[str, ...]) -> Any:
    """The rows with the values of their files' folders, as texts, in columns `_folder_0`, `_folder_1`, …"""
    rows = []
    for file in read.files:
        values = [file.folder_values.get(name) for name in folders]
        texts = ["CAST(NULL AS STRING)" if value is None else quote.text(value) for value in values]
        rows.append(f"({', '.join([quote.text(file.path), *texts])})")
    names = ", ".join(["_place", *(f"_folder_{quote_safe(name)}" for name in folders)])
    listed = spark.sql(f"SELECT * FROM VALUES {', '.join(rows)} AS v({names})")
    return found.join(listed.hint("broadcast"), found["_file"] == listed["_place"])


def quote_safe(name: str) -> str:
    """A name's characters as an identifier without quotes."""
    return name.encode().hex()


def _folder_item(column: Column, table: str) -> str:
    if not readable(column.type):
        raise DataError(
            f"The folder column {column.name!r} cannot be {column.type}.",
            where=Where(table=table),
            remedy="Declare it as a string, a number, a date or a timestamp.",
        )
    value = f"_folder_{quote_safe(column.name)}"
    return f"{literal.strict(value, column.type)} AS {quote.name(column.name)}"


def _refuse_clash(found: Schema, added: set[str], read: Landed, table: str) -> None:
    clash = [column.name for column in found if column.name in added]
    if clash:
        raise DataError(
            f"The files of {read.name} have columns that are added to them: {', '.join(clash)}.",
            where=Where(table=table, url=read.url),
            why=f"{', '.join(LANDED_COLUMNS)} and hive folders (name=value) become columns of their own",
            remedy="Rename the columns in the files, or the folders.",
        )


def _refuse_hidden(read: Landed, table: str) -> None:
    lost = [file.path for file in read.files if paths.hidden(file.path)]
    if lost:
        raise DataError(
            f"Spark leaves out files whose names begin with _ or a dot: {', '.join(lost[:5])}.",
            where=Where(table=table, url=f"{read.url}/{lost[0]}"),
            why="they would be missing without a word",
            remedy="Rename them, or let the table say `engine: pandas`.",
        )
