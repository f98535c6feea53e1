"""The only way to bytes: list, read, write and delete objects below one URL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import AuthenticationError
from odibi_dagster.storage.access import Access
from odibi_dagster.storage.download import chunks
from odibi_dagster.storage.listing import relative
from odibi_dagster.storage.stores import Stores, location_of

if TYPE_CHECKING:
    from obstore import ObjectMeta
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


def open_objects(url: str, stores: Stores | None = None) -> Objects:
    """Objects below a folder. Nothing is created or contacted until the first call that needs it.

    Args:
        url: any spelling of a folder that `Location.parse` reads; it need not exist.
        stores: how it is reached; None means the process's stores, as of each call.

    Raises:
        ConfigError: the URL names no place.
    """
    return Objects(str(stores.location(url) if stores else location_of(url)), stores)


class Objects:
    """The objects below one URL; paths are relative to it, `/`-separated, exactly as they are named.

    Every failure is one of FileNotFoundError (the object is not there), StorageError (somebody must act)
    or TransientError (the same call may succeed later). A missing container or bucket is a StorageError.
    On S3 and in Azure, what other programs write to mark a folder is not there for any call but `get`.

    Args:
        url: canonical, as `str(Location)`.
        stores: how it is reached; None means the process's stores, as of each call.
    """

    def __init__(self, url: str, stores: Stores | None = None) -> None:
        self.url, self._at = url, Access(url, stores)

    @property
    def remote(self) -> bool:
        """Whether a program of this machine must fetch an object before it can open it."""
        return self._at.remote

    def list(self, prefix: str = "") -> Iterator[Any]:
        """Every object below `prefix` (a folder), as Arrow record batches, streamed.

        A folder that does not exist has no objects.

        Returns:
            arro3 record batches with path (relative to the URL), last_modified (timestamp us, UTC),
            size (uint64, bytes), e_tag, version.
        """
        return self._list(prefix, 10_000)

    def _list(self, prefix: str, at_once: int) -> Iterator[Any]:
        begun = False
        try:
            for batch in self._listed(prefix, at_once):
                begun = True
                yield batch
        except AuthenticationError:
            if begun:
                raise
            yield from self._listed(prefix, at_once)  # as `Access.patiently`

    def _listed(self, prefix: str, at_once: int) -> Iterator[Any]:
        import obstore
        from obstore.store import LocalStore

        with self._at.told(prefix):
            if not self.remote:
                # As it comes: a local tag holds the inode, and nobody relies on it.
                if os.path.isdir(self.url):
                    local = LocalStore(self.url)
                    yield from obstore.list(local, prefix or None, chunk_size=at_once, return_arrow=True)
                return
            store, root = self._at.store(), self._at.key("")
            batches = obstore.list(store, self._at.key(prefix) or None, chunk_size=at_once, return_arrow=True)
            for batch in batches:
                yield relative(store, root, batch)

    def empty(self, prefix: str = "") -> bool:
        """Whether no object lies below `prefix`. The listing stops at the first one."""
        return not any(batch.num_rows for batch in self._list(prefix, 1_000 if self.remote else 10_000))

    def head(self, path: str) -> Meta | None:
        """What the store says of one object, or None if it is not there."""
        try:
            meta = self._at.patiently(path, self._head)
        except FileNotFoundError:
            return None
        etag = meta["e_tag"]
        # Azure quotes it in headers and not in listings.
        return Meta(path, meta["size"], meta["last_modified"], etag and etag.strip('"'))

    def _head(self, store: ObjectStore, key: str) -> ObjectMeta:
        import obstore

        try:
            return obstore.head(store, key)
        except (OSError, obstore.exceptions.BaseError):
            if self.remote:
                # The answer to HEAD has no body, so it cannot say why; this one can.
                obstore.get(store, key, options={"range": (0, 1)})
            raise

    def get(self, path: str) -> bytes:
        """The whole object. Raises FileNotFoundError if it is not there."""
        import obstore

        return self._at.patiently(path, lambda store, key: bytes(obstore.get(store, key).bytes()))

    def part(self, path: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` (not included) of an object, or up to its end if that is nearer.

        Raises FileNotFoundError if it is not there.
        """
        import obstore

        return self._at.patiently(
            path, lambda store, key: bytes(obstore.get_range(store, key, start=start, end=end))
        )

    def put(self, path: str, data: bytes) -> None:
        """Write an object whole, replacing what was there; a reader sees the old bytes or the new."""
        import obstore

        self._at.patiently(path, lambda store, key: obstore.put(store, key, data), create=True)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Write an object if nothing has its name; of several writers at most one gets True.

        After a TransientError the object may be there: the answer was lost. Then look before writing again.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        for last in (False, True):
            try:
                with self._at.told(path):
                    obstore.put(self._at.store(create=True), self._at.key(path), data, mode="create")
                return True
            except AlreadyExistsError:
                return False
            except AuthenticationError:  # as `Access.patiently`: whoever is refused has written nothing
                if last:
                    raise
        raise AssertionError("unreachable")

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects, many in one request; one that is not there any more is no error."""
        bulk = _BULK if self.remote else 1
        for first in range(0, len(paths), bulk):
            self._delete(paths[first : first + bulk])

    def _delete(self, paths: Sequence[str]) -> None:
        import obstore

        keys = [self._at.key(path) for path in paths]
        try:
            self._at.patiently("" if paths[1:] else paths[0], lambda store, key: obstore.delete(store, keys))
        except FileNotFoundError:
            if len(paths) > 1:
                # Azure names the first that is missing and not what else failed in the request.
                with ThreadPoolExecutor(16) as pool:
                    list(pool.map(lambda path: self._delete([path]), paths))

    def copy(self, source: str, target: str) -> None:
        """Copy one object, replacing the target. Raises FileNotFoundError without a source."""
        import obstore

        self._at.patiently(source, lambda store, key: obstore.copy(store, key, self._at.key(target)))

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

        def fetch(store: ObjectStore, key: str) -> None:
            try:
                with open(local_file, "wb") as file:
                    for chunk in chunks(store, key, if_match, ranged=self.remote):
                        file.write(chunk)
            except BaseException:
                with suppress(OSError):
                    os.unlink(local_file)
                raise

        self._at.patiently(path, fetch)

    def upload(self, local_file: str, path: str) -> None:
        """Write a local file's bytes as an object, in parts and several at once; replaces what was there.

        A reader sees the old bytes or the new. Memory stays at some 32 MB whatever the file's size (more
        only above 70 GB).

        Raises:
            StorageError, TransientError: the store, or the local disk, refused or did not answer.
        """
        import obstore

        def upload(store: ObjectStore, key: str) -> None:
            part = max(_PART, -(-os.path.getsize(local_file) // _PARTS))
            obstore.put(store, key, Path(local_file), chunk_size=part, max_concurrency=_PARTS_AT_ONCE)

        self._at.patiently(path, upload, create=True)

    def local(self, path: str = "") -> str | None:
        """The path by which an engine on this machine may open the object itself; None on a remote store."""
        if self.remote:
            return None
        return f"{self.url}/{path}" if path else self.url
