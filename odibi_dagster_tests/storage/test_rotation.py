"""A key that is rotated while the process lives: the next call, and the next run, use the new one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from odibi_dagster.environment import load_environment
from odibi_dagster.errors import AuthenticationError, Where
from odibi_dagster.reliability.retry import guard
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.stores import Entry, Stores, store_of, using
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.seaweedfs import REGION, SeaweedFS

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"
WRONG = base64.b64encode(b"rotated away" * 4).decode()


@pytest.mark.parametrize("server", ["azurite", "seaweedfs"])
@pytest.mark.parametrize("scheme", ["file", "env"])
def test_one_process_publishes_with_the_old_key_and_then_with_the_new(
    server: str,
    scheme: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The key in the file, or the variable, is at first one that the store does not take any more."""
    store: Azurite | SeaweedFS = request.getfixturevalue(server)
    key, right = tmp_path / "key", store.key if isinstance(store, Azurite) else store.secret_access_key

    def rotate(to: str) -> None:
        key.write_text(to + "\n")
        monkeypatch.setenv("LAKE_KEY", to)

    name = "account_key" if isinstance(store, Azurite) else "secret_access_key"
    reference = f"${{file:{key}}}" if scheme == "file" else "${env:LAKE_KEY}"
    (tmp_path / "mine.yaml").write_text(
        f"{LAYERS}stores:\n- {json.dumps(store.store_section(**{name: reference}))}\n"
    )
    rotate(right)
    table = Table(Place(store, store.url("rotation")))
    with using(load_environment(str(tmp_path / "mine.yaml")).stores):
        assert table.publish("SELECT 1 AS a").log.handle.version() == 0
        rotate(WRONG)
        with pytest.raises(AuthenticationError):
            table.publish("SELECT 2 AS a")
        rotate(right)
        table.publish("SELECT 3 AS a")
    assert table.rows() == [(3,)]


def of_a_vault(store: Azurite | SeaweedFS, ask: Callable[[], str]) -> Stores:
    """The store, whose key is in a vault."""
    sources = Sources({}, remote={"keyvault": lambda _: ask()})
    key = sources.secret("${keyvault:vault/key}")
    if isinstance(store, Azurite):
        azure = AzureCredential(store.account, account_key=key, endpoint=store.endpoint, variables={})
        return Stores([Entry("azure", None, azure)], Network(attempts=2))
    aws = AwsCredential(
        access_key_id=store.access_key_id,
        secret_access_key=key,
        endpoint=store.endpoint,
        region=REGION,
        variables={},
    )
    return Stores([Entry("s3", None, aws)], Network(attempts=2))


@pytest.mark.parametrize("server", ["azurite", "seaweedfs"])
@pytest.mark.parametrize("call", ["put", "put_if_absent", "list"])
def test_a_call_that_is_refused_is_made_again_with_the_vaults_new_key(
    server: str, call: str, request: pytest.FixtureRequest
) -> None:
    """The client and the vault's answer are younger than five minutes; the store's key is another."""
    store: Azurite | SeaweedFS = request.getfixturevalue(server)
    right = store.key if isinstance(store, Azurite) else store.secret_access_key
    asked: list[str] = []

    def ask() -> str:
        asked.append("wrong" if not asked else "right")
        return WRONG if len(asked) == 1 else right

    url = store.url("refused")
    with using(of_a_vault(store, ask)):
        store_of(url).delta_options()
        assert asked == ["wrong"]
        objects = open_objects(url)
        if call == "list":
            assert sum(batch.num_rows for batch in objects.list()) == 0
        else:
            getattr(objects, call)("x", b"bytes")
        assert asked == ["wrong", "right"]


def test_the_run_after_a_refused_commit_asks_the_vault(seaweedfs: SeaweedFS) -> None:
    """delta-rs' own refusals pass by the guard of a step."""
    answers, url = [WRONG, "new-value"], seaweedfs.url()
    with using(of_a_vault(seaweedfs, lambda: answers.pop(0))):
        assert store_of(url).delta_options()["secret_access_key"] == WRONG
        with pytest.raises(dg.Failure), guard("silver.t"):
            raise AuthenticationError("The store does not accept the credentials.", where=Where(url=url))
        assert store_of(url).delta_options()["secret_access_key"] == "new-value"
