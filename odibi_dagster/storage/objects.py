"""The only way to bytes: list, read, write and delete objects below one URL."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import StorageError, TransientError, Where
from odibi_dagster.storage.location import Location

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@dataclass(frozen=True)
class Meta:
    """What a store says of one object: its path below the URL, size in bytes, time of change, entity tag."""

    path: str
    size: int
    modified: datetime
    etag: str | None


def open_objects(url: str) -> Objects:
    """Objects below a folder. Nothing is created or contacted until the first call that needs it.

    Args:
        url: an absolute path or `file://` URL of a folder; it need not exist.

    Raises:
        ConfigError: the URL names a store that this environment cannot reach.
    """
    return Objects(str(Location.parse(url)))


class Objects:
    """The objects below one URL; paths are relative to it, `/`-separated, exactly as they are named.

    Every failure is one of FileNotFoundError (the object is not there), StorageError (somebody must act)
    or TransientError (the same call may succeed later).
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def _store(self, *, create: bool = False) -> ObjectStore:
        from obstore.store import LocalStore

        if not create and not os.path.isdir(self.url):
            raise FileNotFoundError(self.url)
        return LocalStore(self.url, mkdir=create)

    def list(self, prefix: str = "") -> Iterator[Any]:
        """Every object below `prefix` (a folder), as Arrow record batches, streamed.

        A folder that does not exist has no objects.

        Returns:
            arro3 record batches with path (relative to the URL), last_modified (timestamp us, UTC),
            size (uint64, bytes), e_tag, version.
        """
        import obstore
        from obstore.store import LocalStore

        with _errors(self.url, prefix):
            if not os.path.isdir(self.url):
                return
            store = LocalStore(self.url)
            yield from obstore.list(store, prefix or None, chunk_size=10_000, return_arrow=True)

    def empty(self, prefix: str = "") -> bool:
        """Whether no object lies below `prefix`. The listing stops at the first one."""
        return not any(batch.num_rows for batch in self.list(prefix))

    def head(self, path: str) -> Meta | None:
        """What the store says of one object, or None if it is not there."""
        import obstore

        try:
            with _errors(self.url, path):
                meta = obstore.head(self._store(), path)
        except FileNotFoundError:
            return None
        return Meta(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])

    def get(self, path: str) -> bytes:
        """The whole object. Raises FileNotFoundError if it is not there."""
        import obstore

        with _errors(self.url, path):
            return bytes(obstore.get(self._store(), path).bytes())

    def put(self, path: str, data: bytes) -> None:
        """Write an object whole, replacing what was there; a reader sees the old bytes or the new."""
        import obstore

        with _errors(self.url, path):
            obstore.put(self._store(create=True), path, data)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Write an object if nothing has its name; of several writers exactly one gets True."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with _errors(self.url, path):
                obstore.put(self._store(create=True), path, data, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects; one that is not there any more is no error."""
        import obstore

        with _errors(self.url, paths[0] if paths else ""):
            for path in paths:
                try:
                    obstore.delete(self._store(), path)
                except FileNotFoundError:
                    continue

    def copy(self, source: str, target: str) -> None:
        """Copy one object, replacing the target. Raises FileNotFoundError without a source."""
        import obstore

        with _errors(self.url, source):
            obstore.copy(self._store(), source, target)

    def local(self, path: str = "") -> str | None:
        """The path by which an engine on this machine may open the object itself; None on a remote store."""
        return f"{self.url}/{path}" if path else self.url


@contextmanager
def _errors(url: str, path: str) -> Iterator[None]:
    """Turn what obstore raises into the three errors of `Objects`."""
    from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError

    where = Where(url=f"{url}/{path}" if path else url)
    try:
        yield
    except (AlreadyExistsError, FileNotFoundError, ValueError):
        raise
    except (PermissionDeniedError, BaseError, OSError) as error:
        raise explain(where, error) from error


def explain(where: Where, error: BaseException) -> StorageError | TransientError:
    """What a store's or the operating system's error means, and what to do about it."""
    first, number = str(error).strip().splitlines()[0], getattr(error, "errno", None)
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if number in full or any(f"(os error {code})" in first for code in full):
        return out_of_space(where, error)
    permission = isinstance(error, PermissionError) or type(error).__name__ == "PermissionDeniedError"
    if permission or "os error 13" in first or "os error 30" in first:
        return denied(where, error)
    if "invalid path" in first:
        remedy = "Rename the file: its name holds a control character or is not UTF-8."
        return StorageError("A file's name cannot be read.", where=where, why=first, remedy=remedy)
    if "os error" in first or number is not None:
        return StorageError("The store refused.", where=where, why=first)
    return TransientError("The store did not answer as it should.", where=where, why=first)


def denied(where: Where, error: BaseException) -> StorageError:
    """Nobody may read or write there."""
    return StorageError(
        "The place may not be read or written.",
        where=where,
        why=str(error).strip().splitlines()[0],
        remedy="Give the user who runs Dagster read and write permission on this folder.",
    )


def out_of_space(where: Where, error: BaseException) -> StorageError:
    """The disk is full; nothing was published."""
    return StorageError(
        "There is no space left.",
        where=where,
        why=str(error).strip().splitlines()[0],
        remedy="Free space or move the layer, then run again: what was published before is intact.",
    )
