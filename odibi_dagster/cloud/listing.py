"""Which files a path means: one file, all files of a folder, or those that a pattern matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from odibi_dagster.cloud.target import Target
from odibi_dagster.errors import ObjectNotFound, Where
from odibi_dagster.landing.glob import compile_glob
from odibi_dagster.storage.markers import is_marker

_SPECIAL = frozenset("*?[{")


class File(str):
    """A file's path, as `read` takes it; it also knows what the listing said.

    Args:
        path: below the container, bucket or folder.
        size: bytes.
        modified: when it was written, in UTC.
        etag: the store's tag for these bytes, if it has one.
    """

    size: int
    modified: datetime
    etag: str | None

    def __new__(cls, path: str, size: int, modified: datetime, etag: str | None = None) -> File:
        made = super().__new__(cls, path)
        made.size, made.modified, made.etag = size, modified, etag
        return made

    def __getnewargs__(self) -> tuple[str, int, datetime, str | None]:  # type: ignore[override]
        return str(self), self.size, self.modified, self.etag


@dataclass(frozen=True)
class Found:
    """What a path means.

    Args:
        kind: whether it names one file, a folder, or is a pattern.
        path: as the store knows it.
        files: in the order of their names.
    """

    kind: Literal["file", "folder", "pattern"]
    path: str
    files: tuple[File, ...]

    @property
    def data(self) -> tuple[File, ...]:
        """The files without those that no reader takes: names and folders that begin with `_` or `.`."""
        if self.kind == "file":
            return self.files
        if self.kind == "pattern":  # its folders are wanted: they were written out
            return tuple(file for file in self.files if not _hidden(file.rpartition("/")[2]))
        start = len(self.path) + 1 if self.path else 0
        return tuple(file for file in self.files if not _hidden(file[start:]))

    @property
    def is_delta(self) -> bool:
        """Whether it is the folder of a Delta table."""
        log = f"{self.path}/_delta_log/" if self.path else "_delta_log/"
        return self.kind == "folder" and any(file.startswith(log) for file in self.files)


def walk(target: Target, prefix: str) -> Iterator[File]:
    """Every file below a folder; what marks folders, successes and commits is none."""
    objects = target.objects()
    for batch in objects.list(prefix):
        columns = [batch[name].to_pylist() for name in ("path", "size", "last_modified", "e_tag")]
        for path, size, modified, etag in zip(*columns, strict=True):
            if not is_marker(path):
                yield File(path, size, modified, etag)


def find(target: Target, path: str) -> Found | None:
    """The files that a path means; None if there is nothing.

    A file of exactly that name comes first, so that names with `*` or `[` can be had; then patterns: `*` and
    `?` stay in one folder, `**` is any number of folders, `{a,b}` is either. A pattern that matches folders
    means all files in them.
    """
    key = target.key(path)
    if key and not path.endswith("/") and (meta := target.objects().head(key)):
        return Found("file", key, (File(key, meta.size, meta.modified, meta.etag),))
    if set(key) & _SPECIAL:
        patterns = [f"{key}/**"] if path.endswith("/") else [key, f"{key}/**"]
        for glob in map(compile_glob, patterns):
            matching = (f for prefix in glob.prefixes for f in walk(target, prefix) if glob.matches(f))
            if files := tuple(sorted(set(matching))):
                return Found("pattern", key, files)
        return None
    files = tuple(sorted(walk(target, key)))
    return Found("folder", key, files) if files else None


def need(target: Target, path: str) -> Found:
    """As `find`.

    Raises:
        ObjectNotFound: there is nothing.
    """
    if found := find(target, path):
        return found
    raise ObjectNotFound(
        "There is no such file, and no folder with files.",
        where=Where(url=target.url(target.key(path))),
        remedy='Look at what is there: list("folder/"), or list("", pattern="*.parquet").',
    )


def listed(target: Target, path: str, pattern: str) -> list[File]:
    """The files that a path means, and whose name matches; see `CloudAdapter.list`."""
    found = find(target, path)
    if found is None:
        return []
    if "/" not in pattern:
        return [file for file in found.files if fnmatchcase(file.rpartition("/")[2], pattern)]
    glob = compile_glob(pattern)
    start = len(found.path) + 1 if found.kind == "folder" and found.path else 0
    return [file for file in found.files if glob.matches(file[start:])]


def _hidden(path: str) -> bool:
    """`_delta_log/…`, `.part`; not a partition folder such as `_day=1`."""
    return any(step[:1] in ("_", ".") and "=" not in step for step in path.split("/"))
