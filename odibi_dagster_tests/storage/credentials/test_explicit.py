"""What an environment file names wins over the process environment, in obstore and in delta-rs."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster_tests.services.azurite import CONTAINER, Azurite
from odibi_dagster_tests.services.seaweedfs import BUCKET, SeaweedFS
from odibi_dagster_tests.services.token_server import IMDS
from odibi_dagster_tests.storage.credentials.conftest import Entra
from odibi_dagster_tests.storage.credentials.test_matrix_azure import sas

_DEAD = "http://127.0.0.1:9"
_KEY = base64.b64encode(b"nonsense" * 8).decode()
NONSENSE = {
    "AWS_ACCESS_KEY_ID": "NONSENSE",
    "AWS_SECRET_ACCESS_KEY": "NONSENSE",
    "AWS_SESSION_TOKEN": "NONSENSE",
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "mars-1",
    "AWS_DEFAULT_REGION": "mars-2",
    "AWS_ENDPOINT": _DEAD,
    "AWS_ENDPOINT_URL": _DEAD,
    "AWS_ENDPOINT_URL_S3": _DEAD,
    "AWS_ENDPOINT_URL_STS": _DEAD,
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/nobody",
    "AWS_IAM_ROLE_ARN": "arn:aws:iam::1:role/nobody",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": _DEAD,
    "AWS_SKIP_SIGNATURE": "true",
    "AWS_S3_EXPRESS": "true",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
    "AWS_CONDITIONAL_PUT": "disabled",
    "AWS_BUCKET": "nowhere",
    "AZURE_STORAGE_ACCOUNT_NAME": "nobody",
    "AZURE_STORAGE_ACCOUNT_KEY": _KEY,
    "AZURE_STORAGE_ACCESS_KEY": _KEY,
    "AZURE_STORAGE_KEY": _KEY,
    "AZURE_STORAGE_SAS_TOKEN": "sig=nonsense",
    "AZURE_STORAGE_TOKEN": "nonsense",
    "AZURE_STORAGE_CONNECTION_STRING": "nonsense",
    "AZURE_TENANT_ID": "nonsense",
    "AZURE_CLIENT_ID": "nonsense",
    "AZURE_CLIENT_SECRET": "nonsense",
    "AZURE_FEDERATED_TOKEN_FILE": "/nowhere",
    "AZURE_MSI_ENDPOINT": _DEAD,
    "AZURE_ENDPOINT": _DEAD,
    "AZURE_STORAGE_ENDPOINT": _DEAD,
    "AZURE_AUTHORITY_HOST": _DEAD,
    "AZURE_STORAGE_USE_EMULATOR": "true",
    "AZURE_SKIP_SIGNATURE": "true",
    "AZURE_USE_AZURE_CLI": "true",
    "AZURE_USE_FABRIC_ENDPOINT": "true",
    "AZURE_CREDENTIAL_TYPE": "azure_cli",
    "AZURE_CONTAINER_NAME": "nowhere",
}
LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"
CHILD = """
import os, sys
from odibi_dagster.environment import load_environment
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import use
from odibi_dagster_tests.storage.credentials.reach import create
use(load_environment(sys.argv[1]).stores)
url = sys.argv[2]
open_objects(url).put("x", b"bytes")
create(url)
kept = all(os.environ[name] == value for name, value in eval(sys.argv[3]).items())
print("done", kept)
"""


def run(
    tmp_path: Path, section: dict[str, Any], root: str, variables: dict[str, str], authority: str = ""
) -> str:
    """What a new process says that has these variables and this entry of `stores:`."""
    file = tmp_path / "mine.yaml"
    network = {"connect_timeout": "2s", "attempts": 2} | ({"ca_file": authority} if authority else {})
    file.write_text(f"{LAYERS}network: {json.dumps(network)}\nstores:\n- {json.dumps(section)}")
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_"))}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(file), f"{root}/explicit-{os.urandom(4).hex()}", repr(variables)],
        env={**own, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr[-1500:]


@pytest.mark.parametrize("who", ["keys", "role"])
def test_on_s3(seaweedfs: SeaweedFS, tmp_path: Path, who: str) -> None:
    role = {"role_arn": seaweedfs.role_arn, "sts_endpoint": seaweedfs.endpoint} if who == "role" else {}
    said = run(tmp_path, seaweedfs.store_section(**role), f"s3://{BUCKET}", NONSENSE)
    assert said.startswith("done True")


@pytest.mark.parametrize("who", ["account_key", "sas_token", "connection_string"])
def test_on_azure(azurite: Azurite, tmp_path: Path, who: str) -> None:
    ways = {
        "account_key": {},
        "sas_token": {"account_key": None, "sas_token": sas(azurite)},
        "connection_string": {
            "account_key": None,
            "connection_string": azurite.connection_string,
            "endpoint": None,
        },
    }
    said = run(tmp_path, azurite.store_section(**ways[who]), azurite.root(CONTAINER), NONSENSE)
    assert said.startswith("done True")


@pytest.mark.parametrize("who", ["principal", "workload", "machine", "user"])
def test_on_azure_with_tokens(entra: Entra, tmp_path: Path, who: str) -> None:
    (tmp_path / "token").write_text(entra.tokens.assertion)
    ids = {"tenant_id": entra.tokens.tenant, "client_id": entra.tokens.client_id}
    ways = {
        "principal": {**ids, "client_secret": entra.tokens.client_secret},
        "workload": {**ids, "federated_token_file": str(tmp_path / "token")},
        "machine": {"use_managed_identity": True},
        "user": {"use_managed_identity": True, "client_id": entra.machine.client_id},
    }
    services = {"authority_host": entra.tokens.url, "msi_endpoint": entra.machine.url + IMDS}
    section = entra.store.store_section(account_key=None, **services, **ways[who])
    root = entra.store.root(CONTAINER)
    said = run(tmp_path, section, root, NONSENSE, str(entra.network.ca_file))
    assert said.startswith("done True")


def test_the_nonsense_is_felt_where_nothing_is_named(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    section = seaweedfs.store_section(access_key_id=None, secret_access_key=None)
    assert "done" not in run(tmp_path, section, f"s3://{BUCKET}", NONSENSE)
