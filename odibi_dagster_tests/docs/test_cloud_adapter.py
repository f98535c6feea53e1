"""docs/cloud-adapter.md: each script runs as it stands there, against servers with the page's names."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster.cloud.create import PROVIDERS
from odibi_dagster.cloud.formats import FORMATS
from odibi_dagster.cloud.write import MODES
from odibi_dagster.environment.stores import StoreSection
from odibi_dagster_tests.docs.blocks import ROOT, blocks
from odibi_dagster_tests.services.azurite import azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.keyvault import key_vault
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.services.token_server import IMDS, token_server

PAGE = ROOT / "docs/cloud-adapter.md"
TEXT = PAGE.read_text(encoding="utf-8")
SCRIPTS = {block.name: block.text for block in blocks(PAGE)}
Run = Callable[[str], dict[str, object]]


def run(name: str, changes: dict[str, str]) -> dict[str, object]:
    """What a script of the page leaves, and prints under "printed"; its servers are the tests' own."""
    text = SCRIPTS[name]
    for old, new in changes.items():
        text = text.replace(old, new)
    found: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(text, name, "exec"), found)
    return {**found, "printed": printed.getvalue()}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("page")
    tls = certificate(folder / "tls")
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as running:
        store = running.enter_context(azurite(folder, tls))
        tokens = running.enter_context(token_server(tls))
        machine = running.enter_context(token_server())
        vault = running.enter_context(key_vault(tokens, tls))
        vault.set("database-password", "of-the-page")
        wire = {"ca_file": str(tls.authority), "attempts": 1}
        here = {"account_name": store.account, "endpoint": store.endpoint, "network": wire}
        with store.blobs() as blobs:
            for name in ("bronze", "silver"):
                blobs.create_container(name)
        patch.setenv("AZURE_STORAGE_KEY", store.key)
        for word in ("tenant", "client_id", "client_secret"):
            name = "TENANT_ID" if word == "tenant" else word.upper()
            patch.setenv(f"AZURE_{name}", getattr(tokens, word))
        from azure.keyvault import secrets

        # The tests' vault is not in vault.azure.net, which the client would otherwise insist on.
        patch.setattr(secrets, "SecretClient", partial(secrets.SecretClient, verify_challenge_resource=False))
        there = f"endpoint={store.endpoint!r}, network={wire!r}, authority_host={tokens.url!r}, "
        there += f"msi_endpoint={machine.url + IMDS!r},"
        changes = {
            'account_name="mystorageaccount",': f"account_name={store.account!r}, {there}",
            '"my-keyvault"': repr(vault.url.removeprefix("https://")),
        }
        bronze = CloudAdapter.create("azure", container="bronze", account_key=store.key, **here)
        orders = pd.DataFrame({"order_id": [1, 2], "amount": [99.5, 250.0]})
        for month in ("2024/01", "2023/12"):
            bronze.write(orders, f"landed/orders/{month}/part.parquet")
        yield partial(run, changes=changes)


def test_look(azure: Run) -> None:
    found = azure("look.py")
    bronze, silver = found["bronze"], found["silver"]
    assert isinstance(bronze, CloudAdapter) and isinstance(silver, CloudAdapter)
    assert "2 files, " in str(found["printed"]) and "list   yes" in str(found["printed"])
    assert silver.read("reports/large_orders.parquet")["order_id"].tolist() == [2]
    assert bronze.list() == ["archive/2023-12.parquet", "landed/orders/2024/01/part.parquet"]


def test_which(azure: Run) -> None:
    assert "('bronze', 'silver', 'tests')" in str(azure("which.py")["printed"])


def test_principal(azure: Run) -> None:
    assert azure("principal.py")["password"] == "of-the-page"


def test_identity(azure: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_CLIENT_ID")  # the principal's: on a machine it would choose an identity
    assert azure("identity.py")["bronze"]


def test_s3(seaweedfs: SeaweedFS, monkeypatch: pytest.MonkeyPatch) -> None:
    seaweedfs.client().create_bucket(Bucket="my-bucket")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweedfs.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweedfs.secret_access_key)
    keys = {
        "access_key_id": seaweedfs.access_key_id,
        "secret_access_key": seaweedfs.secret_access_key,
    }
    bucket = CloudAdapter.create("s3", bucket="my-bucket", endpoint=seaweedfs.endpoint, **keys)
    clicks = pd.DataFrame({"user": ["a", "b", "c"], "country": ["DK", "DE", "SE"], "ms": [1, 2, 3]})
    bucket.write(clicks, "raw/clicks/1.json")
    found = run("s3.py", {'bucket="my-bucket",': f'bucket="my-bucket", endpoint={seaweedfs.endpoint!r},'})
    nordic = found["nordic"]
    assert isinstance(nordic, pd.DataFrame)
    assert sorted(nordic["user"]) == ["a", "c"] and list(nordic.columns) == ["user", "country"]


def test_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/orders.csv").write_text("order_id,amount\n1,9.5\n2,7\n")
    run("folder.py", {})
    assert "4" in str(run("folder.py", {})["printed"])


def test_every_script_is_run() -> None:
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {str(name).removesuffix(".py") for name in SCRIPTS} <= tested


def test_the_page_names_every_keyword_format_and_mode() -> None:
    ours = {"provider", "account", "bucket"}
    for word in (*PROVIDERS, *MODES, *(set(StoreSection.model_fields) - ours)):
        assert f"`{word}`" in TEXT or f"`{word}=" in TEXT, word
    assert all(f'format="{word}"' in TEXT or f"`.{word}`" in TEXT for word in FORMATS)
