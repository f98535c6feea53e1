"""How one store is reached: an account's container, a bucket, the local disk, the memory of this process."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from odibi_dagster.storage.azure_url import SUFFIXES
from odibi_dagster.storage.location import Location

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: For how many seconds a client is used before it is made again from freshly resolved secrets.
LIFETIME = 300.0


class Credential(Protocol):
    """Who asks, as each client's plain options; secrets are resolved when it is called.

    A credential may also have `credential_provider()`: a callable for obstore that refreshes, or None;
    and `forget()`, after which secrets are asked for again.
    """

    def obstore_options(self) -> dict[str, Any]:
        """Configuration of obstore's AzureStore or S3Store, without the container or bucket."""
        ...

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options`."""
        ...


class Network(Protocol):
    """How the wire is used, as each client's plain options."""

    def obstore_options(self) -> dict[str, Any]:
        """obstore's `client_options`."""
        ...

    def obstore_retry(self) -> dict[str, Any]:
        """obstore's `retry_config`."""
        ...

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options` for the same."""
        ...


class Store:
    """One store root and how it is reached. Nothing is contacted, or imported, before a client is asked for.

    Args:
        location: a place in the store; its path does not matter.
        credential: who asks; None means what the client finds by itself.
        network: how; None means the client's defaults.
    """

    def __init__(
        self, location: Location, credential: Credential | None = None, network: Network | None = None
    ) -> None:
        self.location = Location(location.store, "", location.container, location.account, location.suffix)
        self.credential, self.network = credential, network
        self._clients: dict[str, tuple[float, ObjectStore]] = {}
        self._lock = threading.Lock()

    @property
    def root(self) -> str:
        """The store's URL without a path."""
        return self.location.root

    def obstore(self, path: str = "") -> ObjectStore:
        """obstore's client for what lies below `path`; used again for some minutes, then made anew.

        Threads may share it.

        Raises:
            obstore.exceptions.BaseError: the options cannot be meant, or the process' own are incomplete.
        """
        with self._lock:
            made, client = self._clients.get(path, (0.0, None))
            keep = LIFETIME if self.location.store != "memory" else float("inf")
            if client is None or time.monotonic() - made > keep:
                client = self._client(path)
                self._clients[path] = (time.monotonic(), client)
            return client

    def forget(self) -> None:
        """Make clients anew, from secrets asked for anew: what they know was refused, and may be rotated."""
        getattr(self.credential, "forget", lambda: None)()
        if self.location.store != "memory":
            with self._lock:
                self._clients.clear()

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options`, with secrets resolved now: for one call, never to be kept."""
        options = self.network.delta_options() if self.network and self.location.remote else {}
        if self.credential is not None:
            options = {**options, **self.credential.delta_options()}
        if self.location.store == "azure":
            options = {**self._azure(options), **options}
        return _http(options, {"allow_http": "true"})

    def _client(self, path: str) -> ObjectStore:
        from obstore.store import AzureStore, LocalStore, MemoryStore, S3Store

        if self.location.store == "local":
            return LocalStore(path or None)
        if self.location.store == "memory":
            return MemoryStore()
        options = self.credential.obstore_options() if self.credential else {}
        provider = getattr(self.credential, "credential_provider", lambda: None)()
        client = self.network.obstore_options() if self.network else {}
        keywords: dict[str, Any] = {
            "prefix": path or None,
            "config": options,
            "client_options": {**client, **_http(options, {"allow_http": True}, only=True)},
            "retry_config": self.network.obstore_retry() if self.network else None,
            "credential_provider": provider,
        }
        if self.location.store == "azure":
            keywords["config"] = {**self._azure(options), **options}
            return AzureStore(self.location.container, **keywords)
        return S3Store(self.location.container, **keywords)

    def _azure(self, options: dict[str, Any]) -> dict[str, str]:
        """The account, and the endpoint of a cloud that is not the clients' own default; if none is given."""
        found = {"account_name": self.location.account}
        if self.location.suffix != SUFFIXES[0]:
            found["endpoint"] = f"https://{self.location.account}.blob.{self.location.suffix}"
        given = {key.lower().removeprefix("azure_").removeprefix("storage_") for key in options}
        return {key: value for key, value in found.items() if key not in given}


def _http(options: dict[str, Any], allow: dict[str, Any], *, only: bool = False) -> dict[str, Any]:
    """`allow` where an endpoint was given without TLS: then that is what is wanted."""
    plain = any(
        isinstance(value, str) and value.startswith("http://")
        for key, value in options.items()
        if key.lower().endswith(("endpoint", "endpoint_url"))
    )
    return {**({} if only else options), **(allow if plain else {})}
