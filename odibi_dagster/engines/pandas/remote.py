"""Inputs of a session that lie in a remote store: local copies of what is needed, made when it is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import uuid4

from odibi_dagster.engines.pandas import links
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import DataFile, Landed, LandedFile, TableFiles
from odibi_dagster.errors import StorageError, Where
from odibi_dagster.storage.cache.copies import Copies, RemoteFile
from odibi_dagster.storage.cache.fetch import arrived
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.transfer import AT_ONCE, Job, transfer


@dataclass
class RemoteTable:
    """One pinned version of a remote table; its data files are immutable, so copies may be shared.

    Args:
        read: what to read.
        copies: where its files' copies are.
        scratch: the session's folder for temporary files.
        table: the table being computed, for messages.
    """

    read: TableFiles
    copies: Copies
    scratch: str
    table: str
    here: set[int] = field(default_factory=set)
    """The numbers of the files that are on this machine."""

    @cached_property
    def files(self) -> tuple[RemoteFile, ...]:
        """All files, in the read's order."""
        return tuple(RemoteFile(self.read.url, file.path, file.size) for file in self.read.files)

    @cached_property
    def opens(self) -> tuple[str, ...]:
        """The local paths that DuckDB may have to open."""
        return tuple(self.copies.path(file) for file in self.files)

    @cached_property
    def _links(self) -> str | None:
        """A folder for links, where a copy's own path does not say the partition's values."""
        if not self.read.partition_by and not any(links.is_pattern(path) for path in self.opens):
            return None
        return os.path.join(self.scratch, f"links-{uuid4().hex}")

    def arrived(self, numbers: Iterable[int]) -> None:
        """Copies of these files are there."""
        fresh = sorted(set(numbers) - self.here)
        for number in fresh if self._links else ():
            path = self._path(number)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(self.opens[number], path)
        self.here |= set(fresh)

    def part(self) -> tuple[TableFiles, tuple[str, ...]]:
        """The files that are here as a table, and the paths by which DuckDB reads them."""
        numbers = sorted(self.here)
        read = self.read
        files = tuple(read.files[number] for number in numbers)
        part = TableFiles(read.name, read.url, read.version, read.schema, read.partition_by, files)
        return part, tuple(self._path(number) for number in numbers)

    def _path(self, number: int) -> str:
        if self._links is None:
            return self.opens[number]
        return links.place(self._links, number, self.read.files[number], self.read.partition_by)


def prepare(
    read: TableFiles | Landed, copies: Copies, scratch: str, table: str
) -> RemoteTable | RemoteLanded:
    """An input in a remote store; nothing is fetched yet.

    Args:
        read: what to read.
        copies: where a table's files' copies are.
        scratch: the session's folder for temporary files.
        table: the table being computed, for messages.
    """
    if isinstance(read, TableFiles):
        return RemoteTable(read, copies, scratch, table)
    folder = os.path.join(scratch, f"landed-{uuid4().hex}")
    return RemoteLanded(read, tuple(os.path.join(folder, str(number)) for number in range(len(read.files))))


def fetch(wanted: Sequence[tuple[RemoteTable, set[int]]]) -> None:
    """Copies of files of several tables, all at once; of each table alone, where they do not fit together.

    A table whose files do not fit has none of the new ones `here` afterwards.

    Args:
        wanted: tables, and positions in their files.

    Raises:
        StorageError: a file is missing, or the store or the disk refused.
        TransientError: the store did not answer.
    """
    fresh = [(table, numbers - table.here) for table, numbers in wanted if numbers - table.here]
    if len(fresh) > 1 and _copied(fresh):
        return
    for one in fresh:
        _copied([one])


def _copied(wanted: Sequence[tuple[RemoteTable, set[int]]]) -> bool:
    first = wanted[0][0]
    files = [table.files[number] for table, numbers in wanted for number in sorted(numbers)]
    try:
        if not first.copies.fetch(files, f"for {first.table}"):
            return False
    except FileNotFoundError as error:
        raise _missing(str(error), [table for table, _ in wanted]) from error
    for table, numbers in wanted:
        table.arrived(numbers)
    return True


def _missing(url: str, tables: Sequence[RemoteTable]) -> StorageError:
    found = next((table for table in tables if url.startswith(f"{table.read.url}/")), tables[0])
    name = found.read.name
    return StorageError(
        f"A file of {name} is missing.",
        where=Where(table=found.table, url=url),
        why="the log names it, and it is not in the store",
        remedy=f"Version {found.read.version} of {name} is not whole any more: was it vacuumed?",
    )


class RemoteLanded(Input):
    """Landed files of a remote store: copies for this session alone, of the bytes that were listed."""

    def fetch(self, table: str) -> None:
        """Copies of the files that are not here yet; each is whole, or not there.

        Raises:
            StorageError: a file is gone or is not what it was, or the store or the disk refused.
            TransientError: the store did not answer.
        """
        read = self.read
        assert isinstance(read, Landed)
        objects = open_objects(read.url)
        missing = [
            (path, file)
            for path, file in zip(self.paths, read.files, strict=True)
            if not os.path.exists(path)
        ]
        for path, _ in missing[:1]:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        transfer(
            [_job(objects, path, file, read, table) for path, file in missing], f"fetching for {read.name}"
        )


def _job(objects: Objects, path: str, file: LandedFile, read: Landed, table: str) -> Job:
    part = f"{path}.part"

    def run() -> None:
        where = Where(table=table, url=f"{read.url}/{file.path}")
        try:
            objects.fetch(file.path, part, if_match=file.etag)
        except FileNotFoundError as error:
            raise StorageError(
                f"{file.path} is gone.",
                where=where,
                why="it was there when it was listed",
                remedy="Run again: it is then left out, and told.",
            ) from error
        if os.path.getsize(part) != file.size:
            raise StorageError(
                f"{file.path} is not what it was when it was listed.",
                where=where,
                why=f"it has {os.path.getsize(part)} bytes and had {file.size}",
                remedy="Run again: it is then left out, and told.",
            )
        os.replace(part, path)

    return Job(run, file.size, lambda: arrived(part))


def upload(objects: Objects, root: str, files: Sequence[DataFile], copies: Copies, table: str) -> None:
    """Local files to the same paths of a store, several at once; when it returns, all are there.

    Their bytes stay on this machine as copies, so that a step that reads them need not fetch them.

    Args:
        objects: opened at the table's URL.
        root: the local folder that the paths are relative to.
        files: which.
        copies: where a table's files' copies are.
        table: the table's name, for the line of progress.

    Raises:
        StorageError, TransientError: the store refused or did not answer; some may be there.
    """

    def job(file: DataFile) -> Job:
        return Job(lambda: objects.upload(os.path.join(root, file.path), file.path), file.size)

    # Each upload of a large file sends several parts at once.
    at_once = UPLOADS if any(file.size > PART for file in files) else AT_ONCE
    transfer([job(file) for file in files], f"uploading {table}", at_once=at_once)
    copies.keep({RemoteFile(objects.url, f.path, f.size): os.path.join(root, f.path) for f in files})


#: Files that are uploaded at once, if one of them has several parts; bytes of a part.
UPLOADS, PART = 4, 8 * 2**20
