"""What a result must be to be written in partitions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import BINARY, DOUBLE, FLOAT, Array, Map, Schema, Struct

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import DataFile

logger = logging.getLogger("odibi_dagster.engines")

#: More files than this in one write slow every reader down.
MANY_FILES = 10_000


def check_partitioning(schema: Schema, partition_by: Sequence[str], *, table: str) -> None:
    """Refuses partition columns that cannot be folders.

    Raises:
        DataError: an unknown column, a type without an exact text, or no column left to write.
    """
    types = {column.name: column.type for column in schema}
    problems = [f"the result has no column {name!r}" for name in partition_by if name not in types]
    problems += [
        f"column {name!r} is {types[name]}: its values make no folder names"
        for name in partition_by
        if name in types
        and (types[name] in (FLOAT, DOUBLE, BINARY) or isinstance(types[name], (Array, Map, Struct)))
    ]
    if partition_by and set(types) <= set(partition_by):
        problems.append("every column is a partition column, so that no column is left to write")
    if problems:
        raise DataError(
            "The result cannot be partitioned this way.",
            where=Where(table=table),
            why="; ".join(problems),
            remedy="Partition by string, integer, decimal, boolean, date or timestamp columns of the result.",
        )


def empty_value(column: str, where: Where) -> DataError:
    """The error for a partition value that is the empty string."""
    return DataError(
        f"Partition column {column!r} holds an empty string.",
        where=where,
        why="Delta tables cannot tell an empty partition value from NULL.",
        remedy=f"Turn it into NULL, such as NULLIF({column}, ''), or into a value with a name.",
    )


def warn_of_many(files: Sequence[DataFile], *, table: str) -> None:
    """Says so when one write has made more files than readers should have to open."""
    if len(files) > MANY_FILES:
        logger.warning(
            "%s: %d files in one write, and readers open every one: partition by fewer or coarser columns.",
            table,
            len(files),
        )
