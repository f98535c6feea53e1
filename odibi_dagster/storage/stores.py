"""The stores of an environment, by URL; one set is the process's."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from odibi_dagster.storage.location import Location
from odibi_dagster.storage.store import Credential, Network, Store


@dataclass(frozen=True)
class Entry:
    """One entry of an environment's `stores:`.

    Args:
        provider: "azure" or "s3".
        name: the Azure account or the S3 bucket it is for; None means every one that no other entry names.
        credential: who asks; None means the default chain.
        container: an Azure container it is for alone; "" means all of the account.
    """

    provider: str
    name: str | None
    credential: Credential | None
    container: str = ""


class Stores:
    """Which store a URL is in, and how it is reached.

    An entry for the container wins over one for the account or bucket, that over the provider's entry without
    a name, and that over the clients' default chains.

    Args:
        entries: an environment's `stores:`, in their order.
        network: an environment's `network:`, for every remote store.
    """

    def __init__(self, entries: Sequence[Entry] = (), network: Network | None = None) -> None:
        self.entries, self.network = tuple(entries), network
        self._made: dict[str, Store] = {}
        self._lock = threading.Lock()

    @cached_property
    def account(self) -> str | None:
        """The Azure account of URLs that name none: that of the first entry with one.

        An entry without a name may have a connection string that says it.
        """
        return next((name for e in self.entries if e.provider == "azure" and (name := _account(e))), None)

    def location(self, text: str) -> Location:
        """Read any spelling of a place, as `Location.parse`, with this environment's account."""
        return Location.parse(text, self.account)

    def store_of(self, url: str) -> Store:
        """The store of a URL; the same object for every URL in it.

        Raises:
            ConfigError: the URL is none.
        """
        location = self.location(url)
        with self._lock:
            if location.root not in self._made:
                entry = self._entry(location)
                credential = _bound(entry.credential, location) if entry else None
                self._made[location.root] = Store(location, credential, self.network)
            return self._made[location.root]

    def _entry(self, location: Location) -> Entry | None:
        name = location.account if location.store == "azure" else location.container
        mine = [entry for entry in self.entries if entry.provider == location.store]
        for wanted in ((name, location.container), (name, ""), (None, "")):
            for entry in mine:
                if (entry.name, entry.container) == wanted:
                    return entry
        return None


def _account(entry: Entry) -> str | None:
    return entry.name or getattr(entry.credential, "named_account", lambda: None)()


def _bound(credential: Credential | None, location: Location) -> Credential | None:
    """The credential for this account or bucket, where it makes a difference to it."""
    at = getattr(credential, "at", None)
    bound: Credential | None = at(location) if at else credential
    return bound


_current = Stores()


def use(stores: Stores) -> None:
    """Make these the process's stores, from here on."""
    global _current
    _current = stores


@contextmanager
def using(stores: Stores) -> Iterator[Stores]:
    """Make these the process's stores for a while, in every thread; then the former ones again."""
    former = _current
    use(stores)
    try:
        yield stores
    finally:
        use(former)


def store_of(url: str) -> Store:
    """How the process reaches the store of a URL. See `Stores.store_of`."""
    return _current.store_of(url)


def location_of(text: str) -> Location:
    """Read any spelling of a place, with the account of the process's stores where none is named."""
    return _current.location(text)
