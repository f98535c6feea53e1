"""Each Azure credential, right and wrong, against a store that checks it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odibi_dagster.errors import AuthenticationError, PermissionDenied, StorageError
from odibi_dagster.storage.credentials import AzureCredential
from odibi_dagster_tests.services.azurite import CONTAINER, Azurite
from odibi_dagster_tests.storage.credentials.conftest import Entra
from odibi_dagster_tests.storage.credentials.reach import BOTH, QUICK, read, write

both = pytest.mark.parametrize("client", BOTH)


def sas(store: Azurite, permission: str = "rwdlac", hours: int = 1) -> str:
    from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

    return generate_account_sas(
        store.account,
        store.key,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions.from_string(permission),
        expiry=datetime.now(UTC) + timedelta(hours=hours),
        start=datetime.now(UTC) - timedelta(hours=3),
    )


def azure(store: Azurite, **settings: object) -> AzureCredential:
    return AzureCredential(endpoint=store.endpoint, network=QUICK, variables={}, **settings)  # type: ignore[arg-type]


@both
def test_an_account_key(azurite: Azurite, client: str) -> None:
    root = azurite.root(CONTAINER)
    write(client, root, azure(azurite, account_key=azurite.key))
    wrong = base64.b64encode(b"wrong" * 8).decode()
    with pytest.raises(AuthenticationError):
        write(client, root, azure(azurite, account_key=wrong))


@both
def test_a_shared_access_signature(azurite: Azurite, client: str) -> None:
    root = azurite.root(CONTAINER)
    write(client, root, azure(azurite, sas_token="?" + sas(azurite)))
    with pytest.raises((AuthenticationError, PermissionDenied)):
        write(client, root, azure(azurite, sas_token=sas(azurite, hours=-1)))


@both
def test_a_signature_that_may_only_read(azurite: Azurite, client: str) -> None:
    url = azurite.url("read-only")
    own = azure(azurite, account_key=azurite.key)
    from odibi_dagster.storage.objects import open_objects
    from odibi_dagster.storage.stores import Entry, Stores, using
    from odibi_dagster_tests.storage.credentials.reach import create

    with using(Stores([Entry("azure", None, own)], QUICK)):
        open_objects(url).put("x", b"bytes")
        create(url)
    reader = azure(azurite, sas_token=sas(azurite, "rl"))
    read(client, url, "x", reader)
    with pytest.raises(PermissionDenied, match="Storage Blob Data Contributor"):
        write(client, azurite.root(CONTAINER), reader)


@both
def test_a_connection_string(azurite: Azurite, client: str) -> None:
    text = azurite.connection_string
    named = AzureCredential(connection_string=text, network=QUICK, variables={})
    write(client, azurite.root(CONTAINER), named)
    with pytest.raises(StorageError):
        wrong = AzureCredential(
            connection_string=text.replace(azurite.key, "d3Jvbmc="), network=QUICK, variables={}
        )
        write(client, azurite.root(CONTAINER), wrong)


@both
def test_a_service_principal(entra: Entra, client: str) -> None:
    root = entra.store.root(CONTAINER)
    write(client, root, AzureCredential(**entra.principal), entra.network)  # type: ignore[arg-type]
    wrong = AzureCredential(**{**entra.principal, "client_secret": "wrong"})  # type: ignore[arg-type]
    with pytest.raises(AuthenticationError) as caught:
        write(client, root, wrong, entra.network)
    assert "AADSTS7000215" in str(caught.value)


@both
def test_tokens_that_have_expired_or_are_for_something_else(entra: Entra, client: str) -> None:
    root, named = entra.store.root(CONTAINER), AzureCredential(**entra.principal)  # type: ignore[arg-type]
    entra.tokens.lifetime = -600
    with pytest.raises(AuthenticationError):
        write(client, root, named, entra.network)
    entra.tokens.lifetime, entra.tokens.audience = 3600, "https://vault.azure.net"
    with pytest.raises(AuthenticationError):
        write(client, root, named, entra.network)


@both
def test_workload_identity(entra: Entra, client: str, tmp_path: Path) -> None:
    root, token = entra.store.root(CONTAINER), tmp_path / "token"
    token.write_text(entra.tokens.assertion)
    settings = {**entra.principal, "client_secret": None, "federated_token_file": str(token)}
    named = AzureCredential(**settings)  # type: ignore[arg-type]
    assert named.kind == "workload_identity"
    write(client, root, named, entra.network)
    token.write_text("another")
    with pytest.raises(AuthenticationError, match="AADSTS700213"):
        write(client, root, named, entra.network)


@both
@pytest.mark.parametrize("user", [False, True], ids=["system", "user"])
def test_managed_identity(entra: Entra, client: str, user: bool) -> None:
    root = entra.store.root(CONTAINER)
    own = {"client_id": entra.machine.client_id} if user else {}
    named = AzureCredential(use_managed_identity=True, **entra.where, **own)  # type: ignore[arg-type]
    write(client, root, named, entra.network)
    asked = {parameters.get("client_id") for _, parameters in entra.machine.requests}
    assert asked == {entra.machine.client_id if user else None}
    other = AzureCredential(use_managed_identity=True, client_id="nobody", **entra.where)  # type: ignore[arg-type]
    with pytest.raises(AuthenticationError):
        write(client, root, other, entra.network)


@both
def test_the_default_chain(entra: Entra, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = entra.store.root(CONTAINER)
    monkeypatch.setenv("AZURE_TENANT_ID", entra.tokens.tenant)
    monkeypatch.setenv("AZURE_CLIENT_ID", entra.tokens.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", entra.tokens.client_secret)
    named = AzureCredential(**entra.where)  # type: ignore[arg-type]
    assert named.kind == "default"
    write(client, root, named, entra.network)
