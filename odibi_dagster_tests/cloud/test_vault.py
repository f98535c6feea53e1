"""`get_secret`: Azure Key Vault and AWS Secrets Manager, asked as the adapter's identity."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster.errors import ConfigError, StorageError
from odibi_dagster.storage.secrets import mask
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.keyvault import key_vault
from odibi_dagster_tests.services.moto import Moto
from odibi_dagster_tests.services.token_server import token_server


def test_key_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.keyvault import secrets

    # The tests' vault is not in vault.azure.net, which the client would otherwise insist on.
    client = partial(secrets.SecretClient, verify_challenge_resource=False)
    monkeypatch.setattr(secrets, "SecretClient", client)
    tls = certificate(tmp_path)
    with token_server(tls) as tokens, key_vault(tokens, tls) as vault:
        host = vault.url.removeprefix("https://")
        first = vault.set("database-password", "first-pa55word")
        vault.set("database-password", "second-pa55word")
        azure = CloudAdapter.create(
            "azure",
            account_name="acct",
            tenant_id=tokens.tenant,
            client_id=tokens.client_id,
            client_secret=tokens.client_secret,
            authority_host=tokens.url,
            network={"ca_file": str(tls.authority), "attempts": 1},
        )
        assert azure.get_secret(host, "database-password") == "second-pa55word"
        assert azure.get_secret(host, f"database-password@{first}") == "first-pa55word"
        assert mask("second-pa55word") == "***"
        with pytest.raises(ConfigError, match="no such secret"):
            azure.get_secret(host, "nothing")
        vault.denied.add("denied")
        with pytest.raises(StorageError, match="Key Vault Secrets User"):
            azure.get_secret(host, "denied")
        with pytest.raises(ConfigError, match="the secret's name is missing"):
            azure.get_secret(host)


def test_secrets_manager(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.endpoint)
    secret = json.dumps({"password": "pa55word-of-aws"})
    moto.client("secretsmanager").create_secret(Name="cloud/db", SecretString=secret)
    s3 = CloudAdapter.create(
        "s3",
        access_key_id=moto.access_key_id,
        secret_access_key=moto.secret_access_key,
        region=moto.region,
    )
    assert s3.get_secret("cloud/db", "password") == "pa55word-of-aws"
    assert s3.get_secret("cloud/db") == secret
    with pytest.raises(ConfigError):
        s3.get_secret("cloud/nothing")


def test_a_folder_has_no_vault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no vault"):
        CloudAdapter.create("local", container=str(tmp_path)).get_secret("vault", "name")
