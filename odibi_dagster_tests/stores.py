"""The platform's stores for a test's server, without an environment file."""

from __future__ import annotations

from odibi_dagster.storage.network import Network
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster_tests.services.place import Server


def stores_of(server: Server, network: Network | None = None) -> Stores:
    """How a process reaches this server: `using(stores_of(server))`, and in a child `use(…)`."""
    return Stores([Entry(server.provider, None, server)] if server.store_section() else [], network)
