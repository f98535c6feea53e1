"""Users' assets get Dagster's cloud resources, as the environment's credentials and only when they ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_aws.s3 import S3Resource
from dagster_aws.secretsmanager import SecretsManagerResource
from dagster_azure.adls2 import ADLS2Resource
from dagster_azure.blob import AzureBlobStorageResource

from odibi_dagster.environment import load_environment
from odibi_dagster.resources import cloud_keys, cloud_resources
from odibi_dagster_tests.services.azurite import CONTAINER, Azurite
from odibi_dagster_tests.services.moto import Moto
from odibi_dagster_tests.services.seaweedfs import BUCKET, SeaweedFS

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"


def resources(tmp_path: Path, *sections: dict[str, Any]) -> dict[str, Any]:
    file = tmp_path / "mine.yaml"
    file.write_text(LAYERS + "stores:\n" + "".join(f"- {json.dumps(section)}\n" for section in sections))
    return dict(cloud_resources(load_environment(str(file), {})))


def materialize(asset: Any, given: dict[str, Any]) -> Any:
    result = dg.materialize([asset], resources=given)
    return result.output_for_node(asset.op.name)


def test_azures(azurite: Azurite, tmp_path: Path) -> None:
    given = resources(tmp_path, azurite.store_section())

    @dg.asset
    def containers(adls2: ADLS2Resource, azure_blob_storage: AzureBlobStorageResource) -> list[str]:
        assert isinstance(adls2, ADLS2Resource)
        assert adls2.storage_account == azurite.account
        with azure_blob_storage.get_client() as client:
            mine = [each.name for each in client.list_containers()]
        assert mine == [each.name for each in adls2.blob_client.list_containers()]
        assert adls2.adls2_client.account_name == azurite.account
        return mine

    assert CONTAINER in materialize(containers, given)


def test_s3(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    given = resources(
        tmp_path, seaweedfs.store_section(role_arn=seaweedfs.role_arn, sts_endpoint=seaweedfs.endpoint)
    )

    @dg.asset
    def objects(s3: S3Resource) -> int:
        assert isinstance(s3, S3Resource)
        s3.get_client().put_object(Bucket=BUCKET, Key="resources/x", Body=b"bytes")
        return int(s3.get_client().list_objects_v2(Bucket=BUCKET, Prefix="resources/")["KeyCount"])

    @dg.asset(required_resource_keys={"s3"})
    def by_context(context) -> int:  # type: ignore[no-untyped-def]
        return int(context.resources.s3.list_objects_v2(Bucket=BUCKET, Prefix="resources/")["KeyCount"])

    assert materialize(objects, given) == 1
    assert materialize(by_context, given) == 1


def test_secrets_manager(moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.endpoint)
    section = {"provider": "s3", "access_key_id": "a", "secret_access_key": "b", "region": moto.region}
    moto.client("secretsmanager").create_secret(Name="resources", SecretString="value")

    @dg.asset
    def secret(secretsmanager: SecretsManagerResource) -> str:
        return str(secretsmanager.get_client().get_secret_value(SecretId="resources")["SecretString"])

    assert materialize(secret, resources(tmp_path, section)) == "value"


def test_only_the_providers_that_are_named_are_there(tmp_path: Path) -> None:
    assert cloud_keys(load_environment("local", {})) == frozenset()
    azure = {"provider": "azure", "account": "account", "account_key": "a2V5"}
    assert set(resources(tmp_path, azure)) == {"adls2", "azure_blob_storage"}
    assert set(resources(tmp_path, {"provider": "s3"})) == {"s3", "secretsmanager"}


def test_definitions_load_without_an_sdk_and_without_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        LAYERS.replace("/l", "abfss://lake@account.dfs.core.windows.net/landing")
        + 'stores:\n- {provider: azure, account: account, account_key: "${env:KEY}"}\n'
        '- {provider: s3, access_key_id: "${env:KEY}", secret_access_key: "${env:KEY}"}\n'
    )
    code = f"""
import os, socket, sys
os.environ["ODIBI_ENV"], os.environ["KEY"] = {str(file)!r}, "aGlkZGVuIGtleQ=="
def refuse(*args, **kwargs):
    raise AssertionError("loading reached for the network")
socket.socket.connect = refuse
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value
from odibi_dagster.build import build_defs
defs = build_defs()
snap = serialize_value(RepositorySnap.from_def(defs.get_repository_def()))
assert "azure_blob_storage" in snap and "secretsmanager" in snap
assert "aGlkZGVuIGtleQ" not in snap
sdks = {{"azure", "boto3", "botocore", "dagster_azure", "dagster_aws"}}
print(sorted({{name.partition(".")[0] for name in sys.modules}} & sdks))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-2000:]
