"""How the objects below one URL are reached: the client, the key of a path, and what becomes of a failure."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from odibi_dagster.errors import AuthenticationError, ContainerNotFound, Throttled, Where
from odibi_dagster.storage.failures import explain, pause
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.store import Store
from odibi_dagster.storage.stores import Stores, store_of

if TYPE_CHECKING:
    from obstore.store import ObjectStore

T = TypeVar("T")
#: How often a call that the store throttles waits and is made again: some 15 seconds in all.
_PAUSES = 5


class Access:
    """Calls on the store of one URL.

    Args:
        url: canonical, as `str(Location)`.
        stores: how it is reached; None means the process's stores, as of each call.
    """

    def __init__(self, url: str, stores: Stores | None) -> None:
        self.url, self._location, self._stores = url, Location.parse(url), stores

    @property
    def remote(self) -> bool:
        """Whether the store is another machine's."""
        return self._location.remote

    def store(self, *, create: bool = False) -> ObjectStore:
        """obstore's client; FileNotFoundError for a local folder that is not there, unless `create`."""
        from obstore.store import LocalStore

        if self.remote:
            return self._reached().obstore()
        if not create and not os.path.isdir(self.url):
            raise FileNotFoundError(self.url)
        return LocalStore(self.url, mkdir=create)

    def key(self, path: str) -> str:
        """The path from the store's root; a local store begins at the URL."""
        if not self.remote or not self._location.path:
            return path
        return f"{self._location.path}/{path}" if path else self._location.path

    def patiently(self, path: str, call: Callable[[ObjectStore, str], T], *, create: bool = False) -> T:
        """What a call on the store and the object's key gives; a throttled one waits and is made again.

        The client has tried it several times by then, within a second or two. Only what may be repeated is
        done this way. So is, once, a call whose credentials are refused: a secret may have been rotated since
        the client was made.

        Raises:
            FileNotFoundError, StorageError, TransientError: as `told` says.
        """
        refused = False
        for attempt in count(1):
            try:
                with self.told(path):
                    return call(self.store(create=create), self.key(path))
            except AuthenticationError:
                if refused:
                    raise
                refused = True
            except Throttled as error:
                if attempt > _PAUSES:
                    raise
                time.sleep(pause(error, attempt))
        raise AssertionError("unreachable")

    @contextmanager
    def told(self, path: str) -> Iterator[None]:
        """Turns what obstore raises into FileNotFoundError, StorageError or TransientError.

        After a refused credential the next call asks for the secrets again. A missing container is a
        StorageError.
        """
        from obstore.exceptions import AlreadyExistsError, BaseError

        where = Where(url=f"{self.url}/{path}" if path else self.url)
        try:
            yield
        except FileNotFoundError as error:
            if self.remote:
                self._refuse_missing_container(error)
            raise
        except (AlreadyExistsError, ValueError):
            raise
        except (BaseError, OSError) as error:
            found = explain(where, error)
            if isinstance(found, AuthenticationError):
                self._reached().forget()
            raise found from error

    def _reached(self) -> Store:
        return self._stores.store_of(self.url) if self._stores else store_of(self.url)

    def _refuse_missing_container(self, error: FileNotFoundError) -> None:
        found = explain(Where(url=self.url), error)
        if isinstance(found, ContainerNotFound):
            raise found from error
