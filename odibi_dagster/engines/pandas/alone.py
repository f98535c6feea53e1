"""What is wrong with landed files that another engine reads: each looked at alone, and gone again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from odibi_dagster.engines.landed.broken import broken
from odibi_dagster.engines.pandas import landed_csv
from odibi_dagster.engines.pandas.diagnose import diagnose as told
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.misfits import misfits
from odibi_dagster.engines.pandas.unreadable import Here
from odibi_dagster.engines.pandas.unreadable import unreadable as told_unreadable
from odibi_dagster.engines.protocol import Landed, LandedFile
from odibi_dagster.errors import DataError, ObjectChanged
from odibi_dagster.storage.objects import open_objects


def unreadable(read: Landed) -> Mapping[str, str]:
    """See `odibi_dagster.engines.protocol.LocalEngine`."""
    return told_unreadable(read, _each(read))


def unfit(read: Landed, *, table: str) -> Mapping[str, str]:
    """See `odibi_dagster.engines.protocol.LocalEngine`."""
    import duckdb

    reasons = unreadable(read)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        return {**reasons, **misfits(connection, read, _each(read), reasons, table=table)}


def diagnose(read: Landed, *, table: str) -> DataError | None:
    """The error that says which file, line and column a failure came from, or None if it was none of them."""
    reasons = unreadable(read)
    if reasons:
        return broken(read, reasons, table=table)
    for path, file in _each(read):
        one = Input(replace(read, files=(file,)), (path,)) if path is not None else None
        if one is not None and (error := told(one, table=table)):
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


def _each(read: Landed) -> Here:
    """The files, each on this machine as long as it is looked at."""
    for file in read.files:
        with _here(read, file) as path:
            yield path, file


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
