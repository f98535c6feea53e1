"""Tokens that expire while a run goes on are replaced, and secrets that rotate are read anew."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, store_of, using
from odibi_dagster_tests.services.seaweedfs import REGION, SeaweedFS
from odibi_dagster_tests.storage.credentials.conftest import Entra
from odibi_dagster_tests.storage.credentials.reach import QUICK, create, version


def test_tokens_of_three_seconds_serve_a_run_of_five(entra: Entra, monkeypatch: pytest.MonkeyPatch) -> None:
    """One store for each identity that is given tokens; the servers refuse those that have expired."""
    from deltalake import DeltaTable

    entra.tokens.lifetime = entra.machine.lifetime = 3
    monkeypatch.setenv("AZURE_TENANT_ID", entra.tokens.tenant)
    monkeypatch.setenv("AZURE_CLIENT_ID", entra.tokens.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", entra.tokens.client_secret)
    kinds: dict[str, dict[str, object]] = {
        "service_principal": entra.principal,
        "managed_identity": {**entra.where, "use_managed_identity": True},
        # The SDK's credential is kept, with the tokens that other tests were given.
        "default": {**entra.where, "network": replace(entra.network, attempts=3)},
    }
    entries, urls = [], []
    for kind, settings in kinds.items():
        credential = AzureCredential(**settings)  # type: ignore[arg-type]
        assert credential.kind == kind
        container = entra.store.container(kind.replace("_", "-"))
        name = container.removeprefix("abfss://").partition("@")[0]
        entries.append(Entry("azure", entra.store.account, credential, container=name))
        urls.append(f"{container}/refresh")
    with using(Stores(entries, entra.network)):
        clients = [store_of(url).obstore() for url in urls]
        for url in urls:
            create(url)
        one = DeltaTable(urls[0], storage_options=store_of(urls[0]).delta_options())
        until = time.monotonic() + 5
        while time.monotonic() < until:
            for url in urls:
                open_objects(url).put("x", b"bytes")
                assert version(url) == 0
            time.sleep(0.5)
        assert [store_of(url).obstore() for url in urls] == clients
        one.update_incremental()  # it outlives its first token
        assert one.version() == 0
    assert len(entra.machine.requests) > 2
    assert len(entra.tokens.requests) > 4


def test_a_roles_keys_are_asked_for_once_while_they_are_good(seaweedfs: SeaweedFS) -> None:
    role = AwsCredential(
        access_key_id=seaweedfs.access_key_id,
        secret_access_key=seaweedfs.secret_access_key,
        role_arn=seaweedfs.role_arn,
        session_name="asked-once",
        sts_endpoint=seaweedfs.endpoint,
        endpoint=seaweedfs.endpoint,
        region=REGION,
        network=QUICK,
    )
    tokens = {role.delta_options()["session_token"] for _ in range(3)}
    assert len(tokens) == 1


class Rotating:
    """A secret that another value has from now on."""

    def __init__(self, value: str) -> None:
        self.value = value

    def reveal(self) -> str:
        return self.value


def test_a_key_that_was_rotated(entra: Entra) -> None:
    key = Rotating("d3Jvbmc=")
    credential = AzureCredential("account", account_key=key, variables={})
    provider = credential.credential_provider()
    assert provider is not None
    key.value = entra.store.key
    assert provider()["access_key"] == credential.delta_options()["account_key"] == entra.store.key
