"""Secrets Manager, through Dagster's resource."""

from __future__ import annotations

import json
from typing import Any

import pytest

from odibi_dagster.errors import ConfigError, OdibiError, TransientError
from odibi_dagster.storage.credentials import AwsCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets import Sources, mask
from odibi_dagster.storage.secrets.secretsmanager import SecretsManager
from odibi_dagster_tests.services.moto import Moto
from odibi_dagster_tests.services.ports import free_port


@pytest.fixture(autouse=True)
def reached(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.endpoint)


def sources(moto: Moto, **more: Any) -> Sources:
    keys = {"access_key_id": moto.access_key_id, "secret_access_key": moto.secret_access_key}
    network = Network(attempts=1, **more.pop("network", {}))
    credential = AwsCredential(**{"region": moto.region, "network": network, **keys, **more})
    return Sources({}, remote={"secretsmanager": SecretsManager(lambda: credential)}, fresh=0.0)


def test_a_secret_its_fields_and_its_rotation(moto: Moto) -> None:
    client = moto.client("secretsmanager")
    client.create_secret(Name="prod/plain", SecretString="first-value")
    client.create_secret(Name="prod/db", SecretString=json.dumps({"password": "pa55word!", "port": 5432}))
    arn = client.create_secret(Name="prod/bytes", SecretBinary=b"from bytes")["ARN"]
    asked = sources(moto)
    assert asked.secret("${secretsmanager:prod/plain}").reveal() == "first-value"
    assert asked.secret("${secretsmanager:prod/db#password}:${secretsmanager:prod/db#port}").reveal() == (
        "pa55word!:5432"
    )
    assert asked.secret(f"${{secretsmanager:{arn}}}").reveal() == "from bytes"
    client.put_secret_value(SecretId="prod/plain", SecretString="second-value")
    assert asked.secret("${secretsmanager:prod/plain}").reveal() == "second-value"
    assert mask("pa55word! second-value") == "*** ***"


def test_what_is_wrong_is_told_with_what_to_do(moto: Moto) -> None:
    client = moto.client("secretsmanager")
    client.create_secret(Name="told/plain", SecretString="pl41n-text")
    client.create_secret(Name="told/json", SecretString=json.dumps({"password": "pa55word!"}))
    nowhere = sources(moto, network={"proxy": f"http://127.0.0.1:{free_port()}"})
    for asked, text, kind, said in (
        (sources(moto), "${secretsmanager:told/absent}", ConfigError, "no such secret"),
        (sources(moto), "${secretsmanager:told/plain#field}", ConfigError, "no JSON object"),
        (sources(moto), "${secretsmanager:told/json#user}", ConfigError, "it has password"),
        (nowhere, "${secretsmanager:told/plain}", TransientError, "cannot be reached"),
    ):
        with pytest.raises(OdibiError) as caught:
            asked.secret(text).reveal()
        assert type(caught.value) is kind, caught.value
        assert said in str(caught.value)
        assert caught.value.remedy or said == "it has password"
        assert "pl41n" not in str(caught.value) and "pa55word!" not in str(caught.value)
