"""`stores:` and `network:` of an environment file: what they mean, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.project import load_project
from odibi_dagster.resources import cloud_resources
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.stores import Stores, store_of, using
from odibi_dagster.tables.spec import ExternalBody

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"
STORES = """stores:
- provider: azure
  account: ${azure_account_name}
  account_key: ${azure_account_key}
- {provider: azure, account: other, use_managed_identity: true}
- provider: s3
  bucket: source
  access_key_id: ${env:KEY}
  secret_access_key: ${env:SECRET}
  options: {request_payer: true}
network: {proxy: "http://proxy:3128", no_proxy: localhost, connect_timeout: 2s, timeout: 30s, attempts: 3}
"""
VARIABLES = {
    "AZURE_STORAGE_ACCOUNT": "account",
    "AZURE_STORAGE_KEY": "a2V5",
    "KEY": "key-1",
    "SECRET": "secret-1",
}


def load(tmp_path: Path, text: str, layers: str = LAYERS, **variables: str) -> Environment:
    file = tmp_path / "mine.yaml"
    file.write_text(layers + text)
    return load_environment(str(file), {**VARIABLES, **variables})


def test_a_url_finds_its_credential(tmp_path: Path) -> None:
    stores = load(tmp_path, STORES).stores

    def credential(url: str) -> object:
        return stores.store_of(url).credential

    first = credential("abfss://lake@account.dfs.core.windows.net/x")
    assert isinstance(first, AzureCredential)
    assert first.delta_options()["account_key"] == "a2V5"
    other = credential("abfss://lake@other.dfs.core.windows.net/x")
    assert isinstance(other, AzureCredential) and other.kind == "managed_identity"
    third = credential("abfss://lake@third.dfs.core.windows.net/x")
    assert isinstance(third, AzureCredential) and third.kind == "default"
    source = credential("s3a://source/x")
    assert isinstance(source, AwsCredential)
    assert source.delta_options()["access_key_id"] == "key-1"
    assert source.delta_options()["request_payer"] == "true"
    assert getattr(credential("s3://elsewhere/x"), "kind", "") == "default"


def test_the_network_reaches_every_store(tmp_path: Path) -> None:
    options = load(tmp_path, STORES).stores.store_of("s3://source/x").delta_options()
    assert options["proxy_url"] == "http://proxy:3128"
    assert options["proxy_excludes"] == "localhost"
    assert (options["connect_timeout"], options["timeout"], options["max_retries"]) == (
        "2000ms",
        "30000ms",
        "2",
    )


def test_secrets_are_in_no_text_of_the_environment(tmp_path: Path) -> None:
    loaded = load(tmp_path, STORES)
    assert "secret-1" not in repr(loaded) + repr(loaded.stores.entries)
    assert "a2V5" not in repr(loaded) + repr(loaded.stores.entries)


def test_a_rotated_key_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "mine.yaml").write_text(LAYERS + STORES)
    loaded = load_environment(str(tmp_path / "mine.yaml"))
    store = loaded.stores.store_of("s3://source/x")
    assert store.delta_options()["secret_access_key"] == "secret-1"
    monkeypatch.setenv("SECRET", "secret-2")
    loaded.secrets.forget()
    assert store.delta_options()["secret_access_key"] == "secret-2"


def test_urls_that_name_no_account_are_the_first_accounts(tmp_path: Path) -> None:
    loaded = load(tmp_path, STORES, LAYERS.replace("/b", "az://lake/bronze"))
    assert loaded.layer_url("bronze") == "abfss://lake@account.dfs.core.windows.net/bronze"


def test_a_tables_url_that_names_no_account_is_the_first_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "mine.yaml").write_text(LAYERS + STORES)
    source, table = tmp_path / "t/bronze/input.yaml", tmp_path / "t/silver/output.sql"
    for file in (source, table):
        file.parent.mkdir(parents=True)
    source.write_text("from: parquet\nurl: az://source/data/*.parquet\n")
    table.write_text("/*\nlocation: az://processed/output\n*/\nSELECT 1 AS a\n")
    with using(Stores()):
        project = load_project(str(tmp_path / "mine.yaml"), tmp_path / "t")
        assert project.url("silver.output") == "abfss://processed@account.dfs.core.windows.net/output"
        body = project.tables["bronze.input"].body
        assert isinstance(body, ExternalBody)
        store = store_of(body.url)
    assert store.root == "abfss://source@account.dfs.core.windows.net"
    assert store.delta_options()["account_key"] == "a2V5"


@pytest.mark.parametrize(
    ("suffix", "authority"),
    [
        ("core.windows.net", "https://login.microsoftonline.com"),
        ("core.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
        ("core.usgovcloudapi.net", "https://login.microsoftonline.us"),
    ],
)
@pytest.mark.parametrize("spelling", ["https", "abfss", "az"])
def test_each_cloud_reaches_every_client(tmp_path: Path, suffix: str, authority: str, spelling: str) -> None:
    section = "{provider: azure, account: account, tenant_id: t, client_id: c, client_secret: s"
    section += f", endpoint: 'https://account.blob.{suffix}'}}" if spelling == "az" else "}"
    url = {
        "https": f"https://account.blob.{suffix}/lake/bronze",
        "abfss": f"abfss://lake@account.dfs.{suffix}/bronze",
        "az": "az://lake/bronze",
    }[spelling]
    loaded = load(tmp_path, f"stores:\n- {section}\n", LAYERS.replace("/b", url))
    if spelling != "az":
        assert loaded.layer_url("bronze") == f"abfss://lake@account.dfs.{suffix}/bronze"
    store = loaded.stores.store_of(loaded.layer_url("bronze"))
    wanted = {"endpoint": f"https://account.blob.{suffix}", "authority_host": authority}
    assert {key: store.delta_options()[key] for key in wanted} == wanted
    assert {key: store.obstore().config[key] for key in wanted} == wanted  # type: ignore[attr-defined]
    given = cloud_resources(loaded)["azure_blob_storage"].resource_fn(None)
    with given.get_client() as client:
        assert client.url.rstrip("/") == f"https://account.blob.{suffix}"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{provider: gcs}", "azure, s3"),
        ("{provider: azure, acount: x}", "Did you mean `account`"),
        ("{provider: azure, account: 'No!'}", "account"),
        ("{provider: azure, region: x}", "`region` is no key of `provider: azure`"),
        ("{provider: azure, account_key: x}", "`account_key` needs `account`"),
        ("{provider: azure, account: abc, account_key: x, sas_token: y}", "different credentials"),
        ("{provider: azure, tenant_id: x}", "alone is no credential"),
        ("{provider: azure, tenant_id: x, client_secret: y}", "`client_secret` needs `client_id`"),
        ("{provider: s3, access_key_id: x}", "needs `secret_access_key`"),
        ("{provider: s3, external_id: x}", "needs `role_arn`"),
        ("{provider: s3, profile: x, access_key_id: y, secret_access_key: z}", "different credentials"),
        ("{provider: s3, endpoint: 'host:9000'}", "is no address"),
        ("{provider: s3, options: {conditional_put: disabled}}", "`conditional_put` is no option"),
        ("{provider: s3, options: {request_paier: true}}", "Did you mean `request_payer`"),
        ("{provider: s3}\n- {provider: s3}", "twice"),
        ("{provider: azure, account: '${keyvault:v/account}'}", "vaults and functions are asked for"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, f"stores:\n- {entry}\n")
    assert said in str(caught.value)
    assert "mine.yaml:" in str(caught.value)


TEXT = "DefaultEndpointsProtocol=https;AccountName=shopdata;AccountKey=a2V5;EndpointSuffix=core.windows.net"


@pytest.mark.parametrize("written", [TEXT, "${env:TEXT}", "${azure_connection_string}"])
def test_a_connection_string_names_the_account_of_urls_that_name_none(tmp_path: Path, written: str) -> None:
    section = f"stores:\n- {{provider: azure, connection_string: '{written}'}}\n"
    stores = load(tmp_path, section, TEXT=TEXT, AZURE_STORAGE_CONNECTION_STRING=TEXT).stores
    assert str(stores.location("az://lake/x")) == "abfss://lake@shopdata.dfs.core.windows.net/x"
    options = stores.store_of("az://lake/x").delta_options()
    assert (options["account_name"], options["account_key"]) == ("shopdata", "a2V5")


def test_a_vault_is_not_asked_for_an_account_while_definitions_load(tmp_path: Path) -> None:
    """It would be asked here: nobody is there."""
    section = "stores:\n- {provider: azure, connection_string: '${keyvault:127.0.0.1:9/string}'}\n"
    stores = load(tmp_path, section).stores
    with pytest.raises(ConfigError, match="no storage account"):
        stores.location("az://lake/x")
    assert stores.location("s3://lake/x").container == "lake"


def test_what_is_no_connection_string_is_told_when_it_is_used(tmp_path: Path) -> None:
    stores = load(tmp_path, "stores:\n- {provider: azure, connection_string: nonsense}\n").stores
    assert stores.location("/data").path == "/data"
    with pytest.raises(ConfigError, match="no storage account"):
        stores.location("az://lake/x")
    with pytest.raises(ConfigError, match="no connection string"):
        stores.store_of("abfss://lake@shopdata.dfs.core.windows.net/x").delta_options()
