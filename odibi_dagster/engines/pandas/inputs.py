"""A session's inputs on this machine: which local files they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from odibi_dagster.engines.pandas import links
from odibi_dagster.engines.protocol import DataFile, Landed, TableFiles
from odibi_dagster.errors import StorageError, Where


@dataclass(frozen=True)
class Input:
    """One of the session's reads.

    Args:
        read: what to read.
        paths: its files' local paths, in the read's order; links where their own paths would be misread.
    """

    read: TableFiles | Landed
    paths: tuple[str, ...]

    @property
    def opens(self) -> tuple[str, ...]:
        """The paths that DuckDB may have to open; links to them are resolved."""
        return self.paths


def prepare(name: str, read: TableFiles | Landed, root: str, scratch: str, table: str) -> Input:
    """Finds an input's files, which are on this machine.

    Args:
        name: the input's name.
        read: what to read.
        root: the local folder that its paths are relative to.
        scratch: the session's folder for temporary files.
        table: the table being computed, for messages.

    Raises:
        StorageError: a file is missing.
    """
    if isinstance(read, TableFiles):
        files, partition_by = read.files, read.partition_by
    else:
        files, partition_by = tuple(DataFile(f.path, f.size, 0) for f in read.files), ()
    missing = [file.path for file in files if not os.path.isfile(os.path.join(root, file.path))]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise StorageError(
            f"A file of {name} is missing.",
            where=Where(table=table, url=f"{read.url}/{missing[0]}"),
            why=f"{missing[0]} does not exist{more}",
            remedy=f"Version {read.version} of {name} is not whole any more: was it vacuumed?"
            if isinstance(read, TableFiles)
            else "It was removed after it was listed: run again.",
        )
    return Input(read, locate(root, files, partition_by, scratch))


def locate(
    root: str, files: Sequence[DataFile], partition_by: Sequence[str], scratch: str
) -> tuple[str, ...]:
    """The paths by which DuckDB reads the files, with the log's partition values: their own, or links."""
    if not links.needed(root, files, partition_by):
        return tuple(f"{root}/{file.path}" for file in files)
    folder = os.path.join(scratch, f"links-{uuid4().hex}")
    os.makedirs(folder)
    return tuple(links.make(folder, root, files, partition_by))
