"""A machine's identity at the environment's `msi_endpoint`, for the SDKs' clients too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from odibi_dagster.errors import AuthenticationError, TransientError
from odibi_dagster.resources.azure import adls2, blob_service
from odibi_dagster.storage.credentials import AzureCredential, azure_identity
from odibi_dagster.storage.credentials.azure_identity import token
from odibi_dagster.storage.credentials.machine import MachineCredential
from odibi_dagster.storage.secrets import Sources, redaction
from odibi_dagster.storage.secrets.redaction import mask
from odibi_dagster.storage.secrets.vaults import vaults
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster_tests.services import keyvault as service
from odibi_dagster_tests.services.azurite import CONTAINER
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.token_server import IMDS
from odibi_dagster_tests.storage.credentials.conftest import Entra


@pytest.fixture(autouse=True)
def no_tokens_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_identity, "_made", {})


def machine(entra: Entra, **settings: object) -> AzureCredential:
    account = {"account": entra.store.account, "use_managed_identity": True}
    return AzureCredential(**{**account, **entra.where, **settings})  # type: ignore[arg-type]


@pytest.fixture
def vault(entra: Entra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[service.KeyVault]:
    """A vault whose client does not insist on its being in vault.azure.net."""
    tls = certificate(tmp_path / "vault")
    ours = type(entra.network).azure_options
    trust = {"connection_verify": str(tls.authority), "verify_challenge_resource": False}
    monkeypatch.setattr(type(entra.network), "azure_options", lambda self, url: {**ours(self, url), **trust})
    with service.key_vault(entra.machine, tls) as server:
        yield server


@pytest.mark.parametrize("user", [False, True], ids=["system", "user"])
def test_dagsters_resources_ask_there(entra: Entra, user: bool) -> None:
    named = machine(entra, **({"client_id": entra.machine.client_id} if user else {}))
    with blob_service(named) as client:
        assert CONTAINER in [each.name for each in client.list_containers()]
    assert CONTAINER in [each.name for each in adls2(named).blob_client.list_containers()]
    ((path, asked),) = entra.machine.requests  # one token serves both
    assert path == IMDS
    assert asked["resource"] == "https://storage.azure.com"
    assert asked.get("client_id") == (entra.machine.client_id if user else None)


def test_key_vault_asks_there(entra: Entra, vault: service.KeyVault) -> None:
    vault.set("name", "value-of-it")
    stores = Stores([Entry("azure", None, machine(entra))], entra.network)
    sources = Sources({}, remote=vaults(lambda: stores, {}))
    assert sources.secret(f"${{keyvault:{vault.url}/name}}").reveal() == "value-of-it"
    assert [asked["resource"] for _, asked in entra.machine.requests] == [service.AUDIENCE]


def test_a_refusal_and_a_dead_service_are_told_apart(entra: Entra) -> None:
    with pytest.raises(AuthenticationError, match="Identity not found"):
        token(machine(entra, client_id="nobody"))
    with pytest.raises(TransientError):
        token(machine(entra, msi_endpoint=f"http://127.0.0.1:{free_port()}/token"))


def test_a_token_is_kept_until_shortly_before_its_end_and_masked(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = machine(entra, variables={"IDENTITY_HEADER": "app-services-header"})
    first = token(named).value
    assert token(named).value == first
    assert mask(f"Bearer {first}") == "Bearer ***"
    assert redaction._forms[first][0] == pytest.approx(time.time() + 3600, abs=60)  # and forgotten afterwards
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600 - 299)
    assert token(named).value != first


def test_what_is_asked_is_what_obstore_and_delta_rs_ask(entra: Entra) -> None:
    entra.machine.requests.clear()
    MachineCredential(entra.machine.url + IMDS, "", "header", {}).get_token(
        "https://storage.azure.com/.default"
    )
    (ours,) = entra.machine.requests
    from odibi_dagster_tests.storage.credentials.reach import write

    entra.machine.requests.clear()
    write("obstore", entra.store.root(CONTAINER), machine(entra), entra.network)
    assert entra.machine.requests[0] == ours
