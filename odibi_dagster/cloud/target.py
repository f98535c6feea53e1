"""Where an adapter works, and how it gets there."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.stores import Stores


@dataclass(frozen=True)
class Target:
    """One container, bucket or folder, or an account alone.

    Args:
        provider: azure, s3 or local.
        stores: how it is reached; no other part of the process uses them.
        credential: who asks; None on local disk.
        sources: who answers `${…}`, and the vaults.
        root: the container, bucket or folder; None if none was named.
    """

    provider: str
    stores: Stores
    credential: AzureCredential | AwsCredential | None
    sources: Sources
    root: Location | None

    @property
    def noun(self) -> str:
        """What a place to work in is called here."""
        return {"azure": "container", "s3": "bucket"}.get(self.provider, "folder")

    @property
    def place(self) -> Location:
        """The container, bucket or folder.

        Raises:
            ConfigError: none was named.
        """
        if self.root is None:
            word = "bucket" if self.provider == "s3" else "container"
            raise ConfigError(
                f"This adapter has no {self.noun} to work in.",
                remedy=f'Name one: CloudAdapter.create("{self.provider}", {word}="…", …).',
            )
        return self.root

    def objects(self, path: str = "") -> Objects:
        """The objects below a path, as `key` gives it."""
        return open_objects(self.url(path), self.stores)

    def url(self, path: str = "") -> str:
        """The canonical URL of a path, as `key` gives it."""
        return str(self.place.join(path)) if path else str(self.place)

    def key(self, path: str) -> str:
        """A path as the store knows it: below the place, without `/` at either end.

        Args:
            path: below the place; or the whole URL of something in it, in any spelling.

        Raises:
            ConfigError: it is somewhere else, or climbs with `..`.
        """
        place = self.place
        if "://" in path or (place.store == "local" and os.path.isabs(path)):
            return self._inside(path)
        below = "/".join(step for step in path.split("/") if step not in ("", "."))
        place.join(below)  # refuses `..`
        return below

    def _inside(self, url: str) -> str:
        place, found = self.place, self.stores.location(url)
        inside = f"{place.path.rstrip('/')}/".lstrip("/") if place.remote else f"{place.path.rstrip('/')}/"
        if replace(found, path="") == replace(place, path="") and f"{found.path}/".startswith(inside):
            return found.path.removeprefix(inside.rstrip("/")).strip("/")
        raise ConfigError(
            f"{found} is not in {place}.",
            remedy=f"Write a path below {place}, or create an adapter for the other {self.noun}.",
        )

    def hurried(self, attempts: int, timeout: float) -> Target:
        """The same with fewer attempts a request, and less time for each: for somebody who waits.

        Args:
            attempts: at most.
            timeout: seconds for one attempt, at most.
        """
        network = self.stores.network
        if not isinstance(network, Network) or self.credential is None:
            return self
        network = replace(
            network,
            attempts=min(network.attempts, attempts),
            timeout=min(network.timeout, timeout),
            connect_timeout=min(network.connect_timeout, timeout),
        )
        credential = replace(self.credential, network=network)
        entries = [replace(entry, credential=credential) for entry in self.stores.entries]
        return replace(self, stores=Stores(entries, network), credential=credential)
