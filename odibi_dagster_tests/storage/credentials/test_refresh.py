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


@pytest.mark.parametrize("kind", ["service_principal", "managed_identity", "default"])
def test_a_token_of_three_seconds_serves_a_run_of_seven(
    entra: Entra, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entra.tokens.lifetime = entra.machine.lifetime = 3
    settings = entra.where
    if kind == "service_principal":
        settings = entra.principal
    if kind == "managed_identity":
        settings = {**entra.where, "use_managed_identity": True}
    if kind == "default":  # the SDK's credential is kept, with the tokens that other tests were given
        settings = {**entra.where, "network": replace(entra.network, attempts=3)}
        monkeypatch.setenv("AZURE_TENANT_ID", entra.tokens.tenant)
        monkeypatch.setenv("AZURE_CLIENT_ID", entra.tokens.client_id)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", entra.tokens.client_secret)
    credential, url = AzureCredential(**settings), entra.store.url(kind.replace("_", "-"))  # type: ignore[arg-type]
    with using(Stores([Entry("azure", None, credential)], entra.network)):
        objects, client = open_objects(url), store_of(url).obstore()
        create(url)
        until = time.monotonic() + 7
        while time.monotonic() < until:
            objects.put("x", b"bytes")
            assert version(url) == 0
            time.sleep(0.5)
        assert store_of(url).obstore() is client
    server = entra.machine if kind == "managed_identity" else entra.tokens
    assert len(server.requests) > 2


def test_one_delta_table_outlives_its_first_token(entra: Entra) -> None:
    from deltalake import DeltaTable

    entra.tokens.lifetime = 3
    url = entra.store.url("outlives")
    named = AzureCredential(**entra.principal)  # type: ignore[arg-type]
    with using(Stores([Entry("azure", None, named)], entra.network)):
        create(url)
        table = DeltaTable(url, storage_options=store_of(url).delta_options())
    time.sleep(4)
    table.update_incremental()
    assert table.version() == 0


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
