"""What was staged, as a query."""

from __future__ import annotations

from typing import Any

from odibi_dagster.engines.pandas import inputs, read
from odibi_dagster.engines.protocol import PATH_COLUMN, ROW_COLUMN, Staged, TableFiles
from odibi_dagster.sql.types import BIGINT, STRING, Column, Schema


def select(
    connection: Any, staged: Staged, root: str, scratch: str, *, numbered: bool = False
) -> tuple[str, Schema]:
    """A SELECT over staged files with their rows' paths, and its schema.

    Args:
        connection: the session's connection, whose jail is open for the staged folder.
        staged: what to read.
        root: the table's local folder.
        scratch: the session's folder for temporary files.
        numbered: also give `_row`, the row's number in its file.
    """
    table = TableFiles("staged", staged.table_url, -1, staged.schema, staged.partition_by, staged.files)
    paths = inputs.locate(root, staged.files, staged.partition_by, scratch)
    file = Column(PATH_COLUMN, STRING, nullable=False)
    row = Column(ROW_COLUMN, BIGINT, nullable=False) if numbered else None
    query = read.select(connection, table, paths, file=file, row=row, root=root)
    return query, (*staged.schema, file, *((row,) if row else ()))
