"""An Azurite that takes tokens, and those who give them out: over TLS, with certificates of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from odibi_dagster.storage.network import Network
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.azurite import azurite as start_azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.token_server import IMDS, TokenServer, token_server


@dataclass(frozen=True)
class Entra:
    """A store that takes tokens, and its token services."""

    store: Azurite
    tokens: TokenServer
    machine: TokenServer
    network: Network

    @property
    def where(self) -> dict[str, object]:
        """Settings that every credential of this store needs here."""
        return {
            "endpoint": self.store.endpoint,
            "authority_host": self.tokens.url,
            "msi_endpoint": self.machine.url + IMDS,
            "network": self.network,
            "variables": {},
        }

    @property
    def principal(self) -> dict[str, object]:
        """The application, with its secret."""
        ids = {"tenant_id": self.tokens.tenant, "client_id": self.tokens.client_id}
        return {**self.where, **ids, "client_secret": self.tokens.client_secret}


@pytest.fixture(scope="session")
def running_entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entra]:
    folder = tmp_path_factory.mktemp("entra")
    tls = certificate(folder / "tls")
    network = Network(ca_file=str(tls.authority), connect_timeout=2, timeout=20, attempts=2)
    with start_azurite(folder, tls) as store, token_server(tls) as tokens, token_server() as machine:
        yield Entra(store, tokens, machine, network)


@pytest.fixture
def entra(running_entra: Entra) -> Iterator[Entra]:
    """The token services as they were made: valid tokens, for an hour, for what is asked for."""
    for server in (running_entra.tokens, running_entra.machine):
        server.lifetime, server.audience = 3600, None
        server.requests.clear()
    yield running_entra
