"""Credentials in Hadoop's words: their shape. Spark reads them in its own tests."""

from __future__ import annotations

import pytest

from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.credentials.hadoop import azure_options, s3_options

HOST = "account.dfs.core.windows.net"
MSI = "org.apache.hadoop.fs.azurebfs.oauth2.MsiTokenProvider"


@pytest.mark.parametrize(
    ("settings", "kind", "more"),
    [
        ({"account_key": "a2V5"}, "SharedKey", {f"fs.azure.account.key.{HOST}": "a2V5"}),
        ({"sas_token": "?sig=x"}, "SAS", {f"fs.azure.sas.fixed.token.{HOST}": "sig=x"}),
        (
            {"tenant_id": "t", "client_id": "c", "client_secret": "s"},
            "OAuth",
            {
                f"fs.azure.account.oauth2.client.endpoint.{HOST}": "https://login.microsoftonline.com/t"
                "/oauth2/v2.0/token",
                f"fs.azure.account.oauth2.client.secret.{HOST}": "s",
            },
        ),
        (
            {"tenant_id": "t", "client_id": "c", "federated_token_file": "/token"},
            "OAuth",
            {f"fs.azure.account.oauth2.token.file.{HOST}": "/token"},
        ),
        (
            {"use_managed_identity": True, "client_id": "c"},
            "OAuth",
            {f"fs.azure.account.oauth2.client.id.{HOST}": "c"},
        ),
        ({}, "OAuth", {f"fs.azure.account.oauth.provider.type.{HOST}": MSI}),
    ],
)
def test_azure(settings: dict[str, object], kind: str | None, more: dict[str, str]) -> None:
    options = azure_options(AzureCredential("account", variables={}, **settings))  # type: ignore[arg-type]
    assert options.get(f"fs.azure.account.auth.type.{HOST}") == kind
    assert more.items() <= options.items()


def test_the_default_chain_is_what_the_variables_say() -> None:
    """Hadoop has no chain: without a principal's or a workload's variables it is the machine's identity."""
    variables = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}
    options = azure_options(AzureCredential("account", variables=variables))
    assert options[f"fs.azure.account.oauth2.client.secret.{HOST}"] == "s"
    del variables["AZURE_CLIENT_SECRET"]
    options = azure_options(
        AzureCredential("account", variables={**variables, "AZURE_FEDERATED_TOKEN_FILE": "/token"})
    )
    assert options[f"fs.azure.account.oauth2.token.file.{HOST}"] == "/token"
    options = azure_options(AzureCredential(variables=variables))  # of no account: for all of them
    assert options["fs.azure.account.oauth.provider.type"] == MSI
    assert options["fs.azure.account.oauth2.client.id"] == "c"


def test_an_emulators_endpoint() -> None:
    named = AzureCredential("account", account_key="a2V5", endpoint="http://127.0.0.1:1000/account")
    assert azure_options(named)["fs.azure.abfs.endpoint"] == "127.0.0.1:1000"


def test_s3() -> None:
    keys = AwsCredential(
        "bucket", access_key_id="a", secret_access_key="s", region="r", endpoint="http://127.0.0.1:1"
    )
    assert s3_options(keys) == {
        "fs.s3a.bucket.bucket.endpoint.region": "r",
        "fs.s3a.bucket.bucket.path.style.access": "true",
        "fs.s3a.bucket.bucket.endpoint": "http://127.0.0.1:1",
        "fs.s3a.bucket.bucket.connection.ssl.enabled": "false",
        "fs.s3a.bucket.bucket.access.key": "a",
        "fs.s3a.bucket.bucket.secret.key": "s",
        "fs.s3a.bucket.bucket.aws.credentials.provider": "org.apache.hadoop.fs.s3a."
        "SimpleAWSCredentialsProvider",
    }


def test_an_assumed_role_on_s3() -> None:
    role = AwsCredential(role_arn="arn", external_id="x", session_name="run", region="r")
    options = s3_options(role)
    assert options["fs.s3a.assumed.role.arn"] == "arn"
    assert options["fs.s3a.assumed.role.external.id"] == "x"
    assert options["fs.s3a.aws.credentials.provider"].endswith("AssumedRoleCredentialProvider")
