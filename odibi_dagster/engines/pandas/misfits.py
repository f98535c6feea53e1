"""Which landed files have other columns than the table, beside files that have its columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from odibi_dagster.engines.pandas import landed
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.unreadable import Here
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError


def misfits(
    connection: Any, read: Landed, files: Here, broken: Collection[str], *, table: str
) -> Mapping[str, str]:
    """The files that alone do not have the declared columns, and how they differ.

    None, if no file has them: then the declaration is as likely to be wrong as the files. None either, if
    nothing is declared: of files that only differ from each other nobody can say which are right.

    Args:
        connection: the session's connection.
        read: a landed read, in which something is wrong.
        files: its files, and where each is on this machine.
        broken: files that cannot be parsed: they say nothing of columns.
        table: the table being computed, for messages.

    Returns:
        path relative to the source -> the reason.
    """
    import duckdb

    if read.schema is None:
        return {}
    # Folders' values are no columns of files, and where one file has none of a name, another may have it.
    folders = {name for file in read.files for name in file.folder_values}
    schema = tuple(column for column in read.schema if column.name not in folders)
    reasons, fitting = {}, 0
    for path, file in files:
        if path is None or file.path in broken:
            continue
        alone = Input(replace(read, files=(file,), schema=schema), (path,))
        try:
            landed.select(connection, alone, table=table)
            fitting += 1
        except DataError as error:
            reasons[file.path] = f"{error.what} {error.why}"
        except (duckdb.Error, OSError):  # gone, or changed while it was looked at: not for its columns
            pass
    return reasons if fitting else {}
