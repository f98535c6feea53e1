"""One folder of copies for all processes of a machine, bounded by bytes and age."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from odibi_dagster.errors import StorageError, Where
from odibi_dagster.storage.cache.copies import RemoteFile
from odibi_dagster.storage.cache.fetch import adopt, arrived, fetch
from odibi_dagster.storage.cache.lease import Lease, held
from odibi_dagster.storage.cache.lock import locked, passing
from odibi_dagster.storage.cache.room import make_room, sweep
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.transfer import Job, transfer

logger = logging.getLogger("odibi_dagster.storage")


class Cache:
    """Copies of immutable remote files, each fetched once by whichever process needs it first.

    A copy has its name only when it is whole and on the disk. While a session lives, its copies stay.

    Args:
        folder: on this machine; it is made when it is needed, for its owner alone.
        size: bytes that all copies together may take.
        age: seconds after which a copy that nobody asked for goes.
    """

    def __init__(self, folder: str, *, size: int, age: float) -> None:
        self.folder, self.size, self.age = folder, size, age

    @contextmanager
    def session(self) -> Iterator[Held]:
        """Copies that stay until the block ends.

        Raises:
            StorageError: the folder cannot be made.
        """
        try:
            for name in ("files", "parts", "leases"):
                os.makedirs(os.path.join(self.folder, name), mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageError(
                "The cache's folder cannot be made.",
                where=Where(url=self.folder),
                why=str(error),
                remedy="Name a folder that this user may write, `cache: {folder: …}`, or set `cache: off`.",
            ) from error
        held_ = Held(self, os.path.realpath(self.folder))
        try:
            yield held_
        finally:
            held_.end()


class Held:
    """One session's copies. See `Copies`."""

    def __init__(self, cache: Cache, folder: str) -> None:
        self.cache = cache
        self._gate = os.path.join(folder, "gate")
        self._files, self._parts = os.path.join(folder, "files"), os.path.join(folder, "parts")
        self._leases = os.path.join(folder, "leases")
        self._lease: Lease | None = None
        self._mine: set[str] = set()

    def path(self, file: RemoteFile) -> str:
        """See `Copies.path`."""
        key = file.key
        return os.path.join(self._files, key[:2], key)

    def fetch(self, files: Sequence[RemoteFile], what: str) -> bool:
        """See `Copies.fetch`."""
        fresh = {file.key: file for file in files if file.key not in self._mine}
        if not fresh:
            return True
        missing = self._claim(fresh)
        if missing and not self._fits(missing):
            return False
        opened = {url: open_objects(url) for url in {file.url for file in missing.values()}}
        transfer([self._fetching(opened[file.url], file) for file in missing.values()], f"fetching {what}")
        self._mine |= set(fresh)
        return True

    def keep(self, files: Mapping[RemoteFile, str]) -> None:
        """See `Copies.keep`."""
        try:
            missing = self._claim({file.key: file for file in files})
            if missing and self._fits(missing):
                jobs = [self._adopting(files[file], file) for file in missing.values()]
                transfer(jobs, "keeping what was written")
        except OSError as error:  # Whoever needs them fetches them.
            logger.warning("Some of what was written is not kept in the cache: %s", error)

    def end(self) -> None:
        """Lets go of the copies."""
        if self._lease is not None:
            self._lease.end()

    def _claim(self, files: dict[str, RemoteFile]) -> dict[str, RemoteFile]:
        """Holds these copies, and gives those that are not there."""
        with locked(self._gate, shared=True):
            if self._lease is None:
                self._lease = Lease(self._leases)
            self._lease.add({key: file.size for key, file in files.items()})
            return {key: file for key, file in files.items() if not self._there(file)}

    def _fits(self, missing: dict[str, RemoteFile]) -> bool:
        assert self._lease is not None, "they were claimed"
        with locked(self._gate):
            sweep(self._parts)
            if make_room(self._files, held(self._leases), size=self.cache.size, age=self.cache.age):
                return True
            self._lease.give_back({key: file.size for key, file in missing.items()})
            return False

    def _there(self, file: RemoteFile) -> bool:
        path = self.path(file)
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def _fetching(self, objects: Objects, file: RemoteFile) -> Job:
        part = self._part(file)
        make = self._making(file, lambda: fetch(objects, file, part, self.path(file)))
        return Job(make, file.size, lambda: arrived(part))

    def _adopting(self, source: str, file: RemoteFile) -> Job:
        make = self._making(file, lambda: adopt(source, file, self._part(file), self.path(file)))
        return Job(make, file.size)

    def _making(self, file: RemoteFile, make: Callable[[], None]) -> Callable[[], None]:
        """Makes a copy while no other process does; nothing is done if one was faster."""

        def run() -> None:
            with passing(os.path.join(self._parts, f"{file.key}.lock")):
                if not self._there(file):
                    os.makedirs(os.path.dirname(self.path(file)), mode=0o700, exist_ok=True)
                    make()

        return run

    def _part(self, file: RemoteFile) -> str:
        return os.path.join(self._parts, f"{file.key}.part")
