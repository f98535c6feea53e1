"""Each credential, right and wrong, as Spark uses it against stores that check it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from odibi_dagster.spark import session
from odibi_dagster.spark.settings import Settings
from odibi_dagster.spark.stores import HadoopStores
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster_tests.services.azurite import CONTAINER, Azurite
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.seaweedfs import BUCKET, SeaweedFS
from odibi_dagster_tests.services.token_server import IMDS
from odibi_dagster_tests.storage.credentials.conftest import Entra, entra, running_entra
from odibi_dagster_tests.storage.credentials.test_matrix_azure import azure, sas
from odibi_dagster_tests.storage.credentials.test_matrix_s3 import owner

__all__ = ["entra", "running_entra"]
ROOT = f"s3://{BUCKET}"


@pytest.fixture(autouse=True)
def closed(spark: SparkSession) -> Iterator[None]:
    yield
    session.close()


def write(root: str, credential: Any) -> None:
    """A table, written and read back by Spark as this credential, in a session of its own."""
    session.close()
    provider = "azure" if root.startswith("abfss:") else "s3"
    name = credential.account if provider == "azure" else (credential.bucket or None)
    settings = Settings(stores=HadoopStores(Stores([Entry(provider, name, credential)])))
    spark = session.session(settings)
    url = Location.parse(f"{root}/reach-{uuid.uuid4().hex[:8]}").for_spark()
    spark.range(3).write.format("delta").save(url)
    assert spark.read.format("delta").load(url).count() == 3


def refused(root: str, credential: Any, why: str) -> None:
    started = time.monotonic()
    with pytest.raises(Exception, match=why):
        write(root, credential)
    assert time.monotonic() - started < 30


def test_an_account_key(azurite: Azurite) -> None:
    root, name = azurite.root(CONTAINER), {"account": azurite.account}
    write(root, azure(azurite, account_key=azurite.key, **name))
    # Another key in the same process: Hadoop's client of before must not answer for it.
    wrong = base64.b64encode(b"wrong" * 8).decode()
    refused(root, azure(azurite, account_key=wrong, **name), "403|AuthenticationFailed|AuthorizationFailure")
    write(root, AzureCredential(connection_string=azurite.connection_string, variables={}, **name))


def test_a_shared_access_signature(azurite: Azurite) -> None:
    root, name = azurite.root(CONTAINER), {"account": azurite.account}
    write(root, azure(azurite, sas_token="?" + sas(azurite), **name))
    refused(root, azure(azurite, sas_token=sas(azurite, hours=-1), **name), "403|AuthenticationFailed")


def test_access_keys_of_a_bucket(seaweedfs: SeaweedFS) -> None:
    write(ROOT, owner(seaweedfs))
    refused(ROOT, owner(seaweedfs, secret_access_key="wrong"), "403|SignatureDoesNotMatch")
    # The bucket's own keys win over those of all buckets.
    other = Entry("s3", None, owner(seaweedfs, access_key_id="nobody"))
    mine = Entry("s3", BUCKET, owner(seaweedfs, bucket=BUCKET))
    session.close()
    spark = session.session(Settings(stores=HadoopStores(Stores([mine, other]))))
    url = Location.parse(seaweedfs.url("both")).for_spark()
    spark.range(3).write.format("delta").save(url)
    assert spark.read.format("delta").load(url).count() == 3


def test_temporary_keys_and_a_role(seaweedfs: SeaweedFS) -> None:
    roles = {"sts_endpoint": seaweedfs.endpoint, "role_arn": seaweedfs.role_arn}
    write(ROOT, owner(seaweedfs, **roles))
    import boto3

    sts = boto3.client(
        "sts",
        endpoint_url=seaweedfs.endpoint,
        aws_access_key_id=seaweedfs.access_key_id,
        aws_secret_access_key=seaweedfs.secret_access_key,
        region_name="us-east-1",
    )
    keys = sts.assume_role(RoleArn=seaweedfs.role_arn, RoleSessionName="tests")["Credentials"]
    assert keys["Expiration"] > datetime.now(UTC)
    temporary = {
        "access_key_id": keys["AccessKeyId"],
        "secret_access_key": keys["SecretAccessKey"],
        "session_token": keys["SessionToken"],
    }
    write(ROOT, owner(seaweedfs, **temporary))
    refused(ROOT, owner(seaweedfs, **{**temporary, "session_token": "wrong"}), "403|Invalid")


LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")
OWN = """
import sys
from odibi_dagster.environment import load_environment
from odibi_dagster.spark import session

first = session.session(load_environment("principal.yaml").spark())
for name in ("principal", "machine", "wrong"):
    environment = load_environment(f"{name}.yaml")
    spark = first.newSession()
    for key, value in session.own_clients(environment.spark().run_time()).items():
        if not key.startswith("spark.") or spark.conf.isModifiable(key):
            spark.conf.set(key, value)
    url = environment.layer_url("bronze") + "/" + name
    try:
        spark.range(3).write.format("delta").save(url)
        print(name, spark.read.format("delta").load(url).count())
    except Exception as error:
        print(name, "AADSTS7000215" in str(error) or "401" in str(error))
session.close()
"""


def test_identities_of_entra_in_an_environment(entra: Entra, tmp_path: Path) -> None:
    """A service principal, right and wrong, and the machine's identity; the store's authority is private."""
    place = entra.store.url("entra")
    where = {"provider": "azure", "account": entra.store.account, "endpoint": entra.store.endpoint}
    where |= {"authority_host": entra.tokens.url, "msi_endpoint": entra.machine.url + IMDS}
    ids = {
        "tenant_id": entra.tokens.tenant,
        "client_id": entra.tokens.client_id,
        "client_secret": "${SECRET}",
    }
    java = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    common = {
        "engine": "spark",
        "layers": {layer: f"{place}/{layer}" for layer in LAYERS},
        "network": {"ca_file": str(entra.network.ca_file)},
        "spark": {"master": "local[1]", "config": {"spark.driver.extraJavaOptions": java}},
    }
    stores = {
        "principal": {**where, **ids},
        "machine": {**where, "use_managed_identity": True},
        "wrong": {**where, **ids, "client_secret": "wrong"},
    }
    for name, store in stores.items():
        (tmp_path / f"{name}.yaml").write_text(json.dumps({**common, "stores": [store]}))
    env = {**os.environ, "SECRET": entra.tokens.client_secret}
    command = [sys.executable, "-c", OWN]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split("\n")[:3] == ["principal 3", "machine 3", "wrong True"]
    assert entra.tokens.requests and [path for path, _ in entra.machine.requests if path == IMDS]
    assert entra.tokens.client_secret not in done.stdout + done.stderr


@pytest.mark.parametrize("store", ["azure", "s3"])
def test_a_dead_endpoint_is_told_in_seconds(store: str) -> None:
    (port,) = free_ports(1)
    key = base64.b64encode(b"key" * 8).decode()
    if store == "azure":
        endpoint = f"http://127.0.0.1:{port}/nobody"
        dead: Any = AzureCredential("nobody", account_key=key, endpoint=endpoint, variables={})
        root = "abfss://lake@nobody.dfs.core.windows.net"
    else:
        dead = AwsCredential(
            "lake",
            access_key_id="a",
            secret_access_key="b",
            region="r",
            endpoint=f"http://127.0.0.1:{port}",
            variables={},
        )
        root = "s3://lake"
    refused(root, dead, "[Cc]onnect")
