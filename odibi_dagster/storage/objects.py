"""The only way to bytes: list, read, write and delete objects below one URL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import AuthenticationError, ContainerNotFound, Where
from odibi_dagster.storage.download import chunks
from odibi_dagster.storage.failures import explain
from odibi_dagster.storage.listing import relative
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.stores import location_of, store_of

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: Objects that one request deletes: what Azure takes at once, S3 takes 1,000.
_BULK = 256
#: Bytes of a part of an upload, and parts at once: what an upload holds in memory. Stores take 10,000 parts.
_PART, _PARTS_AT_ONCE, _PARTS = 8 * 2**20, 4, 9_000


@dataclass(frozen=True)
class Meta:
    """What a store says of one object: its path below the URL, size in bytes, time of change, entity tag.

    The tag is without the quotes that some answers have and others have not; `fetch` takes it so.
    """

    path: str
    size: int
    modified: datetime
    etag: str | None


def open_objects(url: str) -> Objects:
    """Objects below a folder. Nothing is created or contacted until the first call that needs it.

    Args:
        url: any spelling of a folder that `Location.parse` reads; it need not exist.

    Raises:
        ConfigError: the URL names no place.
    """
    return Objects(str(location_of(url)))


class Objects:
    """The objects below one URL; paths are relative to it, `/`-separated, exactly as they are named.

    Every failure is one of FileNotFoundError (the object is not there), StorageError (somebody must act)
    or TransientError (the same call may succeed later). A missing container or bucket is a StorageError.
    On S3 and in Azure, what other programs write to mark a folder is not there for any call but `get`.

    Args:
        url: canonical, as `str(Location)`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._location = Location.parse(url)

    @property
    def remote(self) -> bool:
        """Whether a program of this machine must fetch an object before it can open it."""
        return self._location.remote

    def _store(self, *, create: bool = False) -> ObjectStore:
        from obstore.store import LocalStore

        if self.remote:
            return store_of(self.url).obstore()
        if not create and not os.path.isdir(self.url):
            raise FileNotFoundError(self.url)
        return LocalStore(self.url, mkdir=create)

    def _key(self, path: str) -> str:
        """The path from the store's root; a local store begins at the URL."""
        if not self.remote or not self._location.path:
            return path
        return f"{self._location.path}/{path}" if path else self._location.path

    def list(self, prefix: str = "") -> Iterator[Any]:
        """Every object below `prefix` (a folder), as Arrow record batches, streamed.

        A folder that does not exist has no objects.

        Returns:
            arro3 record batches with path (relative to the URL), last_modified (timestamp us, UTC),
            size (uint64, bytes), e_tag, version.
        """
        return self._list(prefix, 10_000)

    def _list(self, prefix: str, at_once: int) -> Iterator[Any]:
        import obstore
        from obstore.store import LocalStore

        with _errors(self, prefix):
            if not self.remote:
                # As it comes: a local tag holds the inode, and nobody relies on it.
                if os.path.isdir(self.url):
                    local = LocalStore(self.url)
                    yield from obstore.list(local, prefix or None, chunk_size=at_once, return_arrow=True)
                return
            store, root = self._store(), self._key("")
            batches = obstore.list(store, self._key(prefix) or None, chunk_size=at_once, return_arrow=True)
            for batch in batches:
                yield relative(store, root, batch)

    def empty(self, prefix: str = "") -> bool:
        """Whether no object lies below `prefix`. The listing stops at the first one."""
        return not any(batch.num_rows for batch in self._list(prefix, 1_000 if self.remote else 10_000))

    def head(self, path: str) -> Meta | None:
        """What the store says of one object, or None if it is not there."""
        import obstore

        try:
            with _errors(self, path):
                try:
                    meta = obstore.head(self._store(), self._key(path))
                except (OSError, obstore.exceptions.BaseError):
                    if self.remote:
                        # The answer to HEAD has no body, so it cannot say why; this one can.
                        obstore.get(self._store(), self._key(path), options={"range": (0, 1)})
                    raise
        except FileNotFoundError:
            return None
        etag = meta["e_tag"]
        # Azure quotes it in headers and not in listings.
        return Meta(path, meta["size"], meta["last_modified"], etag and etag.strip('"'))

    def get(self, path: str) -> bytes:
        """The whole object. Raises FileNotFoundError if it is not there."""
        import obstore

        with _errors(self, path):
            return bytes(obstore.get(self._store(), self._key(path)).bytes())

    def put(self, path: str, data: bytes) -> None:
        """Write an object whole, replacing what was there; a reader sees the old bytes or the new."""
        import obstore

        with _errors(self, path):
            obstore.put(self._store(create=True), self._key(path), data)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Write an object if nothing has its name; of several writers at most one gets True.

        After a TransientError the object may be there: the answer was lost. Then look before writing again.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with _errors(self, path):
                obstore.put(self._store(create=True), self._key(path), data, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects, many in one request; one that is not there any more is no error."""
        import obstore

        with _errors(self, paths[0] if paths else ""):
            bulk = _BULK if self.remote else 1
            for first in range(0, len(paths), bulk):
                keys = [self._key(path) for path in paths[first : first + bulk]]
                try:
                    obstore.delete(self._store(), keys if len(keys) > 1 else keys[0])
                except FileNotFoundError as error:
                    _refuse_missing_container(self, error)
                    if len(keys) > 1:
                        # Azure names the first that is missing and not what else failed in the request.
                        for path in paths[first : first + bulk]:
                            self.delete([path])

    def copy(self, source: str, target: str) -> None:
        """Copy one object, replacing the target. Raises FileNotFoundError without a source."""
        import obstore

        with _errors(self, source):
            obstore.copy(self._store(), self._key(source), self._key(target))

    def fetch(self, path: str, local_file: str, if_match: str | None = None) -> None:
        """Write an object's bytes into a local file, streamed; after an error there is no such file.

        Args:
            path: which object.
            local_file: an absolute path whose folder exists; what is there is replaced.
            if_match: the entity tag that the object must still have; None means any.

        Raises:
            FileNotFoundError: the object is not there.
            ObjectChanged: it has another tag; nothing was read.
            StorageError, TransientError: the store, or the local disk, refused or did not answer.
        """
        with _errors(self, path):
            store = self._store()
            try:
                with open(local_file, "wb") as file:
                    for chunk in chunks(store, self._key(path), if_match, ranged=self.remote):
                        file.write(chunk)
            except BaseException:
                with suppress(OSError):
                    os.unlink(local_file)
                raise

    def upload(self, local_file: str, path: str) -> None:
        """Write a local file's bytes as an object, in parts and several at once; replaces what was there.

        A reader sees the old bytes or the new. Memory stays at some 32 MB whatever the file's size (more
        only above 70 GB).

        Raises:
            StorageError, TransientError: the store, or the local disk, refused or did not answer.
        """
        import obstore

        with _errors(self, path):
            size = os.path.getsize(local_file)
            part = max(_PART, -(-size // _PARTS))
            obstore.put(
                self._store(create=True),
                self._key(path),
                Path(local_file),
                chunk_size=part,
                max_concurrency=_PARTS_AT_ONCE,
            )

    def local(self, path: str = "") -> str | None:
        """The path by which an engine on this machine may open the object itself; None on a remote store."""
        if self.remote:
            return None
        return f"{self.url}/{path}" if path else self.url


def _refuse_missing_container(objects: Objects, error: FileNotFoundError) -> None:
    found = explain(Where(url=objects.url), error)
    if isinstance(found, ContainerNotFound):
        raise found from error


@contextmanager
def _errors(objects: Objects, path: str) -> Iterator[None]:
    """Turn what obstore raises into the three errors of `Objects`."""
    from obstore.exceptions import AlreadyExistsError, BaseError

    where = Where(url=f"{objects.url}/{path}" if path else objects.url)
    try:
        yield
    except FileNotFoundError as error:
        if objects.remote:
            _refuse_missing_container(objects, error)
        raise
    except (AlreadyExistsError, ValueError):
        raise
    except (BaseError, OSError) as error:
        found = explain(where, error)
        if isinstance(found, AuthenticationError):
            store_of(objects.url).forget()
        raise found from error
