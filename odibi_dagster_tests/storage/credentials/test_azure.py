"""An Azure credential in the clients' words; nothing is contacted."""

from __future__ import annotations

import subprocess
import sys

import pytest

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.credentials import AzureCredential, connection_string
from odibi_dagster.storage.location import Location

URL = "abfss://lake@account.dfs.core.windows.net/path"


def at(url: str = URL, **settings: object) -> AzureCredential:
    return AzureCredential(**{"variables": {}, **settings}).at(Location.parse(url))  # type: ignore[arg-type]


def test_the_account_and_its_cloud_come_from_the_location() -> None:
    china = at("abfss://lake@account.dfs.core.chinacloudapi.cn/path", account_key="a2V5")
    options = china.delta_options()
    assert options["account_name"] == "account"
    assert options["endpoint"] == "https://account.blob.core.chinacloudapi.cn"
    assert options["authority_host"] == "https://login.chinacloudapi.cn"


def test_both_clients_are_told_who_asks_and_where() -> None:
    named = at(tenant_id="t", client_id="c", client_secret="s")
    for options in (named.delta_options(), named.obstore_options()):
        wanted = {"tenant_id": "t", "client_id": "c", "client_secret": "s"}
        assert wanted.items() <= options.items()
        assert options["endpoint"] == "https://account.blob.core.windows.net"
    assert named.credential_provider() is None


def test_the_machines_token_service_may_be_app_services() -> None:
    named = at(use_managed_identity=True, variables={"IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi"})
    assert named.delta_options()["msi_endpoint"] == "http://127.0.0.1:1/msi"


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"AZURE_STORAGE_KEY": "a2V5"}, "account_key"),
        ({"AZURE_STORAGE_ACCOUNT": "account", "AZURE_STORAGE_ACCOUNT_KEY": "a2V5"}, "account_key"),
        ({"AZURE_STORAGE_ACCOUNT": "another", "AZURE_STORAGE_ACCOUNT_KEY": "a2V5"}, "default"),
        ({"AZURE_STORAGE_SAS_TOKEN": "sig=x"}, "sas_token"),
        ({"AZURE_STORAGE_CONNECTION_STRING": "AccountName=account;AccountKey=a2V5"}, "account_key"),
        ({"AZURE_STORAGE_CONNECTION_STRING": "AccountName=another;AccountKey=a2V5"}, "default"),
        ({}, "default"),
    ],
)
def test_the_chain_takes_the_usual_variables_of_this_account(variables: dict[str, str], kind: str) -> None:
    assert at(variables=variables).settled().kind == kind


def test_a_connection_string() -> None:
    text = "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5==;EndpointSuffix=core.example"
    parts = connection_string.parse(text)
    assert (parts.account, parts.key) == ("account", "a2V5==")
    assert parts.endpoint == "https://account.blob.core.example"
    signed = connection_string.parse("BlobEndpoint=https://h/;SharedAccessSignature=sv=1&sig=x%3D")
    assert (signed.account, signed.endpoint, signed.sas) == ("", "https://h", "sv=1&sig=x%3D")
    text = "BlobEndpoint=https://shop.blob.core.example/;SharedAccessSignature=sv=1&sig=x"
    assert connection_string.parse(text).account == "shop"


@pytest.mark.parametrize("text", ["", "AccountName=account", "UseDevelopmentStorage=true", "c2VjcmV0"])
def test_what_is_no_connection_string_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connection_string.parse(text)
    assert "c2VjcmV0" not in str(caught.value)


def test_another_accounts_connection_string_is_refused() -> None:
    with pytest.raises(ConfigError, match="another"):
        at(connection_string="AccountName=another;AccountKey=a2V5").delta_options()


def test_a_key_that_is_none_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="base64") as caught:
        at(account_key="no-key!").delta_options()
    assert "no-key!" not in str(caught.value)


def test_secrets_are_not_printed() -> None:
    assert "c2VjcmV0" not in repr(at(account_key="c2VjcmV0", client_secret="c2VjcmV0"))


def test_options_of_a_key_import_no_sdk() -> None:
    code = """
import sys
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
AzureCredential("account", account_key="a2V5").delta_options()
named = AzureCredential("account", tenant_id="t", client_id="c", client_secret="s")
named.delta_options(), named.obstore_options()
AwsCredential(access_key_id="a", secret_access_key="s").delta_options()
assert not {"azure", "boto3", "botocore", "requests", "dagster"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
