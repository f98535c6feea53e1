"""`connect` asks the server: who you are, what you may do, or what is wrong, and soon."""

from __future__ import annotations

import base64
import contextlib
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster.cloud import Connection
from odibi_dagster.errors import (
    AuthenticationError,
    ContainerNotFound,
    PermissionDenied,
    StorageError,
    TransientError,
    Unreachable,
)
from odibi_dagster.storage.network import Network
from odibi_dagster_tests.cloud.conftest import arguments
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

WRONG = base64.b64encode(b"wrong" * 12).decode()


def sas(store: Azurite, permission: str, hours: int = 1) -> str:
    from azure.storage.blob import generate_container_sas

    until = datetime.now(UTC) + timedelta(hours=hours)
    return generate_container_sas(
        store.account, "tests", account_key=store.key, permission=permission, expiry=until
    )


def connect(server: Azurite | SeaweedFS, **changes: object) -> Connection:
    return CloudAdapter.create(**arguments(server, **changes)).connect()


def test_the_owner_may_list_and_read(adapter: CloudAdapter) -> None:
    found = adapter.connect()
    assert found and found.can_list and found.can_read
    assert found.url == adapter._target.url() and found.url in str(found) and "write  not tried" in str(found)
    kinds = {"azure": "the owner of the account", "s3": "the access key tests", "local": "the user"}
    assert found.identity.startswith(kinds[adapter._target.provider])


@pytest.mark.parametrize(("permission", "can_list", "can_read"), [("rl", 1, 1), ("r", 0, 1), ("l", 1, 0)])
def test_a_signature_says_what_it_may(
    azurite: Azurite, permission: str, can_list: int, can_read: int
) -> None:
    CloudAdapter.create(**arguments(azurite)).write(pd.DataFrame({"a": [1]}), "there.csv")
    token = sas(azurite, permission)
    found = connect(azurite, account_key=None, sas_token=token)
    assert (found.can_list, found.can_read) == (bool(can_list), bool(can_read))
    assert f"permissions {permission}, until 20" in found.identity and token[-20:] not in str(found)


def test_what_azure_refuses_raises_its_class(azurite: Azurite) -> None:
    with pytest.raises(AuthenticationError):
        connect(azurite, account_key=WRONG)
    with pytest.raises(AuthenticationError):
        connect(azurite, account_key=None, sas_token=sas(azurite, "rl", hours=-1))
    with pytest.raises(PermissionDenied):
        connect(azurite, account_key=None, sas_token=sas(azurite, "w"))
    with pytest.raises(ContainerNotFound):
        connect(azurite, container="not-there")
    with pytest.raises(AuthenticationError):
        connect(azurite, container=None, account_key=WRONG)


def test_what_s3_refuses_raises_its_class(seaweedfs: SeaweedFS) -> None:
    reader = {
        "access_key_id": seaweedfs.reader_access_key_id,
        "secret_access_key": seaweedfs.reader_secret_access_key,
    }
    assert connect(seaweedfs, **reader).can_read
    with pytest.raises(PermissionDenied, match="s3:PutObject"):
        CloudAdapter.create(**arguments(seaweedfs, **reader)).write(pd.DataFrame({"a": [1]}), "x.csv")
    with pytest.raises(AuthenticationError):
        connect(seaweedfs, secret_access_key="wrong")
    with pytest.raises(ContainerNotFound):
        connect(seaweedfs, container="not-there")


def test_without_a_container_it_tells_which_there_are(azurite: Azurite, seaweedfs: SeaweedFS) -> None:
    for server in (azurite, seaweedfs):
        found = connect(server, container=None)
        assert "tests" in found.containers and "tests" in str(found) and found.can_read is None


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContainerNotFound):
        CloudAdapter.create("local", container=str(tmp_path / "nothing")).connect()


def test_false_means_not_there_and_nothing_else(azurite: Azurite, seaweedfs: SeaweedFS) -> None:
    wrong: tuple[tuple[Azurite | SeaweedFS, dict[str, object], type[Exception]], ...] = (
        (azurite, {"account_key": WRONG}, AuthenticationError),
        (azurite, {"account_key": None, "sas_token": sas(azurite, "w")}, PermissionDenied),
        (azurite, {"container": "not-there"}, ContainerNotFound),
        (seaweedfs, {"secret_access_key": "wrong"}, AuthenticationError),
        (seaweedfs, {"container": "not-there"}, ContainerNotFound),
    )
    for server, changes, error in wrong:
        adapter = CloudAdapter.create(**arguments(server, **changes))
        for call in (adapter.exists, adapter.list, adapter.read, adapter.delete):
            with pytest.raises(error) as caught:
                call("some/file.csv")
            assert isinstance(caught.value, StorageError)


@pytest.mark.parametrize("container", ["tests", None])
@pytest.mark.parametrize("name", ["azurite", "seaweedfs"])
def test_an_endpoint_that_does_not_answer_is_told_soon(
    name: str, container: str | None, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue(name)
    with pytest.raises(Unreachable):
        connect(server, endpoint=f"http://127.0.0.1:{free_port()}", container=container)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TransientError):
            connect(server, endpoint=endpoint, container=container, network={"timeout": 1})
        assert asked(silent) <= 2
    wire = CloudAdapter.create(**arguments(server))._target.hurried(2, 8.0).stores.network
    assert isinstance(wire, Network) and wire.attempts * wire.timeout < 20


def asked(silent: socket.socket) -> int:
    """How many connections wait at a socket that nobody serves."""
    silent.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while silent.accept():
            count += 1
    return count


def test_a_service_principal_over_tls(tmp_path: Path) -> None:
    from odibi_dagster_tests.services.azurite import azurite
    from odibi_dagster_tests.services.token_server import token_server

    tls = certificate(tmp_path / "tls")
    with azurite(tmp_path, tls) as store, token_server(tls) as tokens:
        principal = {
            "account_key": None,
            "tenant_id": tokens.tenant,
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "authority_host": tokens.url,
            "network": {"ca_file": str(tls.authority), "attempts": 1},
        }
        found = connect(store, **principal)
        assert found.can_read and found.identity.startswith(f"the service principal {tokens.client_id}")
        with pytest.raises(AuthenticationError):
            connect(store, **{**principal, "client_secret": "wrong"})
