"""What was staged, as a DataFrame."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from typing import Any

from odibi_dagster.engines.protocol import PATH_COLUMN, ROW_COLUMN, DataFile, Staged
from odibi_dagster.engines.spark import landed, paths, quote, types
from odibi_dagster.engines.spark.read import url
from odibi_dagster.sql.types import BIGINT, STRING, Column, Schema


def frame(spark: Any, staged: Staged, *, numbered: bool = False) -> tuple[Any, Schema]:
    """A DataFrame over staged files with their rows' paths, and its schema.

    The files are read as they are: their number is small and their schema known, so that nothing has to be
    looked up.

    Args:
        spark: the session.
        staged: what to read.
        numbered: also give `_row`, the row's number in its file.
    """
    extra = [Column(PATH_COLUMN, STRING, nullable=False)]
    extra += [Column(ROW_COLUMN, BIGINT, nullable=False)] if numbered else []
    schema = (*staged.schema, *extra)
    if not staged.files:
        return landed.nothing(spark, schema), schema
    items = [quote.name(column.name) for column in staged.schema]
    items.append(f"{paths.relative(staged.table_url)} AS {PATH_COLUMN}")
    items += [f"_metadata.row_index AS {ROW_COLUMN}"] if numbered else []
    parts = [
        _files(spark, staged, folder, files).selectExpr(*items) for folder, files in _writes(staged).items()
    ]
    return reduce(lambda one, other: one.unionAll(other), parts), schema


def _writes(staged: Staged) -> dict[str, list[DataFile]]:
    """The files by the folder that they were written to, without the partitions' own folders."""
    writes: dict[str, list[DataFile]] = defaultdict(list)
    for file in staged.files:
        folder = file.path.rsplit("/", 1 + len(staged.partition_by))[0]
        writes[folder].append(file)
    return writes


def _files(spark: Any, staged: Staged, folder: str, files: list[DataFile]) -> Any:
    reader = spark.read.format("parquet").schema(types.native(staged.schema))
    if staged.partition_by:
        # The values are in the folders' names, of the schema's types.
        reader = reader.option("basePath", url(f"{staged.table_url}/{folder}"))
        return reader.load([paths.exact(staged.table_url, file.path) for file in files])
    return paths.load(reader, staged.table_url, [file.path for file in files])
