"""Key Vault: Azure's own client and identity, against a vault and a token server of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError
from odibi_dagster.storage.secrets import Sources, mask
from odibi_dagster.storage.secrets.keyvault import KeyVault, split
from odibi_dagster_tests.services import keyvault as service
from odibi_dagster_tests.services.certificates import Certificate, certificate
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.token_server import token_server


@dataclass
class Vault:
    server: service.KeyVault
    tls: Certificate

    def sources(self, **identity: str) -> Sources:
        return Sources({}, remote={"keyvault": self.source(**identity)}, fresh=0.0)

    def source(self, verify: bool = False, **identity: str) -> KeyVault:
        tokens = self.server.tokens
        trust = {"connection_verify": str(self.tls.authority)}

        def credential() -> Any:
            from azure.identity import ClientSecretCredential

            return ClientSecretCredential(
                tokens.tenant,
                tokens.client_id,
                identity.get("client_secret", tokens.client_secret),
                authority=tokens.url,
                disable_instance_discovery=True,
                **trust,
            )

        # The tests' vault is not in vault.azure.net, which the client would otherwise insist on.
        options = {} if verify else {"verify_challenge_resource": False}
        return KeyVault(credential, lambda url: {"retry_total": 1, **trust, **options})

    def reference(self, name: str, version: str = "") -> str:
        return f"${{keyvault:{self.server.url}/{name}{'@' if version else ''}{version}}}"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    tls = certificate(tmp_path_factory.mktemp("tls"))
    with token_server(tls) as tokens, service.key_vault(tokens, tls) as server:
        yield Vault(server, tls)


def test_the_newest_value_or_a_version(vault: Vault) -> None:
    first = vault.server.set("db-password", "first-value")
    sources = vault.sources()
    assert sources.secret(vault.reference("db-password")).reveal() == "first-value"
    vault.server.set("db-password", "second-value")
    assert sources.secret(vault.reference("db-password")).reveal() == "second-value"
    assert sources.secret(vault.reference("db-password", first)).reveal() == "first-value"
    assert mask("first-value second-value") == "*** ***"


def test_a_token_serves_many_secrets(vault: Vault) -> None:
    vault.server.set("name", "v4lue-of-it")
    sources = vault.sources()
    before = len(vault.server.tokens.requests)
    for _ in range(3):
        sources.secret(vault.reference("name")).reveal()
    assert len(vault.server.tokens.requests) == before + 1


def refused(vault: Vault, kind: type[OdibiError], text: str, **identity: str) -> str:
    with pytest.raises(OdibiError) as caught:
        vault.sources(**identity).secret(text).reveal()
    assert type(caught.value) is kind
    assert caught.value.remedy
    return str(caught.value)


def test_what_is_wrong_is_told_with_what_to_do(vault: Vault) -> None:
    vault.server.set("closed", "value-of-closed")
    vault.server.denied.add("closed")
    assert "no such secret" in refused(vault, ConfigError, vault.reference("absent"))
    assert "Key Vault Secrets User" in refused(vault, StorageError, vault.reference("closed"))
    told = refused(vault, StorageError, vault.reference("db-password"), client_secret="wrong-client-secret")
    assert "no identity" in told
    assert "wrong-client-secret" not in told
    nowhere = f"${{keyvault:https://127.0.0.1:{free_port()}/name}}"
    assert "cannot be reached" in refused(vault, TransientError, nowhere)


def test_a_server_that_is_no_vault_gets_no_token(vault: Vault, tmp_path: Path) -> None:
    """Without the tests' exception the client asks no token for a host outside of the vaults' domain."""
    before = len(vault.server.tokens.requests)
    source = vault.source(verify=True)
    with pytest.raises(Exception, match=r"challenge resource"):
        Sources({}, remote={"keyvault": source}).secret(vault.reference("db-password")).reveal()
    assert len(vault.server.tokens.requests) == before


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("my-vault/name", ("https://my-vault.vault.azure.net", "name", None)),
        ("my-vault/name@0f", ("https://my-vault.vault.azure.net", "name", "0f")),
        ("my-vault.vault.azure.cn/name", ("https://my-vault.vault.azure.cn", "name", None)),
        ("https://my-vault.vault.azure.net/name@0f", ("https://my-vault.vault.azure.net", "name", "0f")),
    ],
)
def test_addresses(address: str, parts: tuple[str, str, str | None]) -> None:
    assert split(address) == parts
