"""What is wrong with landed files that another engine reads: each looked at alone, and gone again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from odibi_dagster.engines.landed.broken import broken as error_of
from odibi_dagster.engines.pandas import landed, landed_csv
from odibi_dagster.engines.pandas.diagnose import diagnose as told
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.unreadable import why
from odibi_dagster.engines.protocol import Landed, LandedFile
from odibi_dagster.errors import DataError, ObjectChanged
from odibi_dagster.storage.objects import open_objects


def unreadable(read: Landed) -> Mapping[str, str]:
    """The files whose bytes cannot be parsed, and why; the values' types are not looked at.

    Args:
        read: landed files; each is brought to this machine alone, and goes again.

    Returns:
        path relative to the source -> the reason.
    """
    import duckdb

    reasons = {}
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for file in read.files:
            with _here(read, file) as path:
                # Gone, or changed: nothing that can be read, and not for its own fault.
                reason = why(connection, read, path, file) if path is not None else None
            if reason is not None:
                reasons[file.path] = reason
    return reasons


def unfit(read: Landed, *, table: str) -> Mapping[str, str]:
    """The files that cannot be read: they cannot be parsed, or have other columns beside files that fit.

    Args:
        read: landed files; each is brought to this machine alone, and goes again.
        table: the table being computed, for messages.

    Returns:
        path relative to the source -> the reason.
    """
    import duckdb

    broken = unreadable(read)
    fitting, other = False, dict[str, str]()
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for file in read.files if read.schema is not None else ():
            with _here(read, file) as path:
                if path is None or file.path in broken:
                    continue
                # Folders' values are no columns of files, and where one file has none, another may have it.
                folders = {name for each in read.files for name in each.folder_values}
                schema = tuple(column for column in read.schema or () if column.name not in folders)
                one = Input(replace(read, files=(replace(file, folder_values={}),), schema=schema), (path,))
                try:
                    landed.select(connection, one, table=table)
                    fitting = True
                except DataError as error:
                    other[file.path] = f"{error.what} {error.why}"
                except (duckdb.Error, OSError):  # not for its columns
                    continue
    return {**broken, **(other if fitting else {})}


def diagnose(read: Landed, *, table: str) -> DataError | None:
    """The error that says which file, line and column a failure came from, or None if it was none of them."""
    broken = unreadable(read)
    if broken:
        return error_of(read, broken, table=table)
    for file in read.files:
        with _here(read, file) as path:
            one = replace(read, files=(file,))
            if path is not None and (error := told(Input(one, (path,)), table=table)):
                return error
    return None


def first_line(read: Landed, file: LandedFile) -> str:
    """A file's first line, as it is."""
    import duckdb

    with _here(read, file) as path, duckdb.connect(":memory:", config={"threads": 1}) as connection:
        if path is None:
            return ""
        rows = connection.execute(
            f"SELECT line FROM {landed_csv.lines(read, path, file.path)} LIMIT 1"
        ).fetchall()
    return (rows[0][0] or "").removeprefix("\ufeff") if rows else ""


@contextmanager
def _here(read: Landed, file: LandedFile) -> Iterator[str | None]:
    """A path by which DuckDB reads the file, on this machine; None if it is not the recorded one any more."""
    objects = open_objects(read.url)
    with tempfile.TemporaryDirectory(prefix="odibi-") as folder:
        path: str | None = os.path.join(folder, "file")
        assert path is not None
        local = objects.local(file.path)
        if local is not None:
            if os.path.exists(local):
                os.symlink(os.path.realpath(local), path)  # its own name may look like a pattern
            else:
                path = None
        else:
            try:
                objects.fetch(file.path, path, file.etag)
            except (FileNotFoundError, ObjectChanged):
                path = None
        yield path
