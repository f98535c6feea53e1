"""docs/storage.md: its entries are every way there is, its tables are the code's, its function runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import dagster as dg
import pytest

from odibi_dagster import errors
from odibi_dagster.build import build_defs
from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.environment.stores import NetworkSection, StoreSection
from odibi_dagster.errors import OdibiError, StorageError, TransientError
from odibi_dagster.project import load_project
from odibi_dagster.resources import AWS, AZURE
from odibi_dagster.storage import access
from odibi_dagster.storage.credentials import (
    AwsCredential,
    AzureCredential,
    aws,
    aws_settings,
    azure,
    azure_settings,
)
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.stores import Stores, using
from odibi_dagster_tests.docs.blocks import ROOT, blocks
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

PAGE = ROOT / "docs/storage.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = {block.name: block.text for block in blocks(PAGE) if block.name}
WORDS = " ".join(TEXT.split())
VARIABLES = {
    name: f"the-{name}"
    for name in (
        "azure_sas_token",
        "azure_connection_string",
        "azure_tenant_id",
        "azure_client_id",
        "azure_client_secret",
        "aws_access_key_id",
        "aws_secret_access_key",
        "shop_external_id",
        "PROXY_USER",
        "PROXY_PASSWORD",
    )
}


Load = Callable[[str], Environment]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    key = tmp_path / "azure_key"
    key.write_text("a2V5")

    def loaded(name: str) -> Environment:
        file = tmp_path / name
        file.write_text(FILES[name].replace("/run/secrets/azure_key", str(key)))
        return load_environment(str(file), VARIABLES)

    return loaded


def kind(environment: Environment, url: str) -> str:
    credential = environment.stores.store_of(url).credential
    assert isinstance(credential, AzureCredential | AwsCredential)
    return credential.kind


def test_every_way_into_azure_is_shown(load: Load) -> None:
    environment = load("azure_stores.yaml")
    kinds = {
        account: kind(environment, f"abfss://container@{account}.dfs.core.windows.net/x")
        for account in ("bykey", "bysas", "bystring", "byprincipal", "byworkload", "bymachine", "another")
    }
    assert kinds == {
        "bykey": "account_key",
        "bysas": "sas_token",
        "bystring": "connection_string",
        "byprincipal": "service_principal",
        "byworkload": "workload_identity",
        "bymachine": "managed_identity",
        "another": "default",
    }
    assert set(kinds.values()) == set(get_args(azure_settings.Kind))
    assert environment.stores.location("az://container/x").account == "bykey"


def test_every_way_into_s3_is_shown(load: Load) -> None:
    environment = load("s3_stores.yaml")
    kinds = {
        bucket: kind(environment, f"s3a://{bucket}/x")
        for bucket in ("by-keys", "by-profile", "by-role", "by-web-identity", "another")
    }
    assert list(kinds.values()) == ["access_key", "profile", "role", "web_identity", "default"]
    assert set(kinds.values()) == set(get_args(aws_settings.Kind))
    partner = environment.stores.store_of("s3://partner/x").credential
    assert partner
    options = partner.obstore_options()
    assert options["request_payer"] == "true" and options["sse_kms_key_id"] == "alias/shop"


def test_every_key_of_an_entry_is_shown_and_described(load: Load) -> None:
    shown = set()
    for name, page in (("azure_stores.yaml", "azure.md"), ("s3_stores.yaml", "s3.md")):
        described = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for section in load(name).settings.stores:
            shown |= section.model_fields_set
            assert all(f"`{key}`" in described for key in section.model_fields_set - {"provider"})
    assert shown == set(StoreSection.model_fields)
    assert {name for name in re.findall(r"`(\w+)`", WORDS) if name in aws.OPTIONS} == set(aws.OPTIONS)


def test_the_network_says_every_key_with_its_default(load: Load) -> None:
    section = load("network.yaml").settings.network
    assert section.model_fields_set == set(NetworkSection.model_fields)
    default = NetworkSection()
    for key in NetworkSection.model_fields:
        value = getattr(default, key)
        shown = f"`{value:g}s`" if isinstance(value, float) else f"`{value}`" if value else ""
        assert re.search(rf"^\| `{key}` \| .* \| .*{re.escape(shown)}", TEXT, re.MULTILINE), key


def test_the_errors_are_the_codes() -> None:
    row = re.compile(r"^\| `(\w+)` \| `(\w+)` \| (yes|no) \|", re.MULTILINE)
    said = {name: (kind, again == "yes") for name, kind, again in row.findall(TEXT)}
    real = {
        name: (each.kind, each.retryable)
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, OdibiError)
        if issubclass(each, StorageError | TransientError)
    }
    assert said == real


def test_the_numbers_are_the_codes() -> None:
    retry = Network().obstore_retry()
    pauses = [retry["backoff"][name].total_seconds() for name in ("init_backoff", "max_backoff")]
    assert pauses == [0.1, 15] and retry["retry_timeout"].total_seconds() == 180
    assert "from 0.1 s to 15 s and three minutes in all" in WORDS
    assert access._PAUSES == 5 and "up to five more times" in WORDS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("abfss://container@account.dfs.core.windows.net/path", ""),
        ("az://container/path", "abfss://container@account.dfs.core.windows.net/path"),
        ("s3a://bucket/path", "s3://bucket/path"),
        ("file:///path", "/path"),
    ],
)
def test_urls_may_be_written_so(written: str, meant: str) -> None:
    assert written.replace("s3a://bucket/path", "s3a") in TEXT
    assert str(Location.parse(written, "account")) == (meant or written)


def test_variables_that_are_hidden_are_named() -> None:
    hidden = {*azure._KEYS}
    for file in ("aws", "azure"):
        source = (ROOT / f"odibi_dagster/storage/credentials/{file}.py").read_text(encoding="utf-8")
        for call in re.findall(r"hide\(\((.*?)\)\)", source):
            hidden |= set(re.findall(r'"(\w+)"', call))
    rows = [line for line in TEXT.splitlines() if line.endswith("| hidden from it |")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == hidden


def test_the_function_runs(seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = seaweedfs.client()
    client.create_bucket(Bucket="shop-data")
    client.put_object(Bucket="shop-data", Key="x", Body=b"12345")
    for key in {*AZURE, *AWS}:
        assert f"| `{key}` |" in TEXT
    table = tmp_path / "shop/bronze/bucket_sizes.py"
    table.parent.mkdir(parents=True)
    table.write_text(FILES["shop/bronze/bucket_sizes.py"])
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: local\nstores: [{json.dumps(seaweedfs.store_section())}]\n")
    monkeypatch.setenv("ODIBI_LAKE", str(tmp_path / "lake"))
    with using(Stores()), dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        defs = build_defs(load_project(str(file), tmp_path / "shop"))
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance)
    (made,) = result.asset_materializations_for_node("bronze__bucket_sizes")
    assert made.metadata["dagster/row_count"].value == 1
