"""What may be said to `create`, what is refused, and that nothing is contacted or imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.stores import store_of
from odibi_dagster_tests.cloud.conftest import arguments
from odibi_dagster_tests.services.azurite import Azurite

KEY = "a2V5IQ=="


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("provider", "given", "said"),
    [
        ("aws", {}, "Did you mean `s3`?"),
        ("adls", {}, "Did you mean `azure`?"),
        ("hdfs", {}, "Known: azure, local, s3."),
        ("azure", {}, "account_name= with account_key=, sas_token="),
        ("azure", {"account_name": "acct", "acount_key": KEY}, "Did you mean `account_key`?"),
        ("azure", {"account_name": "acct", "account": "other"}, "two accounts"),
        ("azure", {"account_name": "acct", "access_key_id": KEY}, "no keyword of `provider: azure`"),
        ("azure", {"account_name": "acct", "account_key": KEY, "sas_token": "s"}, "different credentials"),
        ("azure", {"account_name": "acct", "tenant_id": "t"}, "Add `client_secret=`"),
        ("azure", {"account_name": "acct", "account_key": None}, "`account_key` is empty"),
        ("azure", {"account_name": "acct", "account_key": "${env:NOT_THERE}"}, "Set the variable NOT_THERE"),
        ("azure", {"account_name": "acct", "container": "raw/2024"}, "not the name of a container"),
        ("s3", {"bucket": "b", "container": "c"}, "two names for one thing"),
        ("s3", {"bucket": "b", "access_key_id": "k"}, "Add `secret_access_key=`"),
        ("s3", {"bucket": "s3://b"}, "not the name of a bucket"),
        ("local", {}, "container="),
        ("local", {"container": "/data", "account_key": KEY}, "`account_key` is no keyword"),
    ],
)
def test_what_cannot_be_meant_is_refused(provider: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CloudAdapter.create(provider, **given)
    assert said in str(caught.value) and KEY not in str(caught.value)


@pytest.mark.parametrize(("provider", "server"), [("azure", "Azurite"), ("s3", "SeaweedFS")])
@pytest.mark.parametrize("simulate", [True, False])
def test_simulate_is_refused_and_says_what_to_start(provider: str, server: str, simulate: bool) -> None:
    with pytest.raises(ConfigError, match="nothing is simulated") as caught:
        CloudAdapter.create(provider, bucket="my-bucket", region="us-east-1", simulate=simulate)
    assert server in str(caught.value) and "endpoint=" in str(caught.value)


def test_without_a_container_only_connect_works() -> None:
    adapter = CloudAdapter.create("azure", account_name="acct", account_key=KEY)
    with pytest.raises(ConfigError, match=r'container="…"'):
        adapter.list()


def test_the_account_comes_from_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "fromprocess")
    adapter = CloudAdapter.create("azure", container="bronze", account_key=KEY)
    assert repr(adapter) == "CloudAdapter(azure, abfss://bronze@fromprocess.dfs.core.windows.net)"
    china = CloudAdapter.create(
        "azure", container="bronze", account_name="acct", endpoint="https://acct.blob.core.chinacloudapi.cn"
    )
    assert china._target.url("x") == "abfss://bronze@acct.dfs.core.chinacloudapi.cn/x"


def test_references_are_resolved_when_they_are_used(
    azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "key"
    secret.write_text(azurite.key)
    adapter = CloudAdapter.create(**arguments(azurite, account_key=f"${{file:{secret}}}"))
    assert adapter.connect() and azurite.key not in repr(vars(adapter))
    own = store_of(f"{adapter._target.url()}/x")
    assert own.credential is None, "the process does not know the adapter's credentials"


def test_a_command_does_not_pay_for_the_adapter() -> None:
    heavy = "{'pandas', 'duckdb', 'deltalake', 'obstore', 'boto3', 'azure.core', 'dagster', 'arro3'}"
    code = f"""
import sys, odibi_dagster
assert "odibi_dagster.cloud" not in sys.modules
odibi_dagster.CloudAdapter.create("azure", account_name="acct", account_key="a2V5IQ==", container="bronze")
odibi_dagster.CloudAdapter.create("s3", bucket="bronze", access_key_id="k", secret_access_key="s")
found = {heavy} & set(sys.modules)
assert not found, found
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
