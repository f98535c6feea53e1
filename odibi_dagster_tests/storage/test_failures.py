"""One classification for what stores and clients really say."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster._utils.error import serializable_error_info_from_exc_info

from odibi_dagster.errors import (
    AuthenticationError,
    ClockError,
    ContainerNotFound,
    NameResolutionError,
    OdibiError,
    PermissionDenied,
    QuotaError,
    SpaceError,
    StorageError,
    Throttled,
    TimedOut,
    TlsError,
    TransientError,
    Unreachable,
    Where,
)
from odibi_dagster.reliability.classify import classify
from odibi_dagster.storage.failures import explain, pause
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, using
from odibi_dagster_tests.services.azurite import ACCOUNT, Azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.http_server import Answer, Request, http_server
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.storage import clients
from odibi_dagster_tests.storage.options import Options

AZURE = Where(url=f"abfss://tests@{ACCOUNT}.dfs.core.windows.net/t")
AWS = Where(url="s3://tests/t")


def told(where: Where, call: Callable[[], object]) -> StorageError | TransientError:
    """What the platform says of the error that a call raises."""
    with pytest.raises(Exception) as caught:  # every library has its own
        call()
    assert not isinstance(caught.value, OdibiError)
    return explain(where, caught.value)


def everywhere(
    provider: str, options: dict[str, Any], kind: type[OdibiError], container: str = "tests"
) -> list[OdibiError]:
    """The same class through every verb of obstore, and through delta-rs."""
    where = AZURE if provider == "azure" else AWS
    calls = clients.through_obstore(provider, options, container)
    found = {verb: told(where, call) for verb, call in calls.items()}
    found["delta-rs"] = told(where, lambda: clients.through_delta(provider, options, container))
    assert {verb: type(error) for verb, error in found.items()} == dict.fromkeys(found, kind)
    assert all(error.why and error.remedy and "\n" not in error.why for error in found.values())
    return list(found.values())


def test_a_wrong_key_is_no_missing_permission(azurite: Azurite, seaweedfs: SeaweedFS) -> None:
    options = {**azurite.obstore_options(), "azure_storage_account_key": clients.WRONG}
    said = everywhere("azure", options, AuthenticationError)
    assert "stores:" in said[0].remedy and "403" in said[0].why
    sdk = clients.azure_blobs(azurite.endpoint, clients.WRONG)
    assert isinstance(told(AZURE, lambda: list(sdk.list_blobs())), AuthenticationError)

    right = seaweedfs.obstore_options()
    everywhere("s3", {**right, "aws_secret_access_key": "wrong"}, AuthenticationError)
    everywhere("s3", {**right, "aws_access_key_id": "nobody"}, AuthenticationError)
    boto = clients.boto_client(seaweedfs.endpoint)
    assert isinstance(told(AWS, lambda: boto.list_objects_v2(Bucket="tests")), AuthenticationError)


def test_what_a_reader_may_not_is_a_missing_permission(azurite: Azurite, seaweedfs: SeaweedFS) -> None:
    options = _with_sas(azurite, "rl", 10)
    calls = clients.through_obstore("azure", options)
    refused = told(AZURE, calls["write"])
    assert isinstance(refused, PermissionDenied)
    assert "Storage Blob Data Contributor" in refused.remedy
    reader = {
        **seaweedfs.obstore_options(),
        "aws_access_key_id": seaweedfs.reader_access_key_id,
        "aws_secret_access_key": seaweedfs.reader_secret_access_key,
    }
    calls = clients.through_obstore("s3", reader)
    for verb, action in (("write", "s3:PutObject"), ("delete", "s3:DeleteObject")):
        refused = told(AWS, calls[verb])
        assert isinstance(refused, PermissionDenied) and action in refused.remedy
    boto = clients.boto_client(seaweedfs.endpoint, *list(reader.values())[:2])
    refused = told(AWS, lambda: boto.put_object(Bucket="tests", Key="x", Body=b""))
    assert isinstance(refused, PermissionDenied) and "s3:PutObject" in refused.remedy


def test_an_expired_signature_is_told_and_not_repeated(azurite: Azurite) -> None:
    options = _with_sas(azurite, "rwdlc", -10)
    signature = options["azure_storage_sas_key"].rpartition("sig=")[2].partition("&")[0]
    for error in everywhere("azure", options, AuthenticationError):
        assert signature not in str(error) and "expired" in error.remedy


def test_a_missing_container_is_no_missing_object(azurite: Azurite, seaweedfs: SeaweedFS) -> None:
    said = everywhere("azure", azurite.obstore_options(), ContainerNotFound, "nothere")
    assert "Create the container" in said[0].remedy
    calls = clients.through_obstore("s3", seaweedfs.obstore_options(), "nothere")
    for verb in ("read", "list"):
        assert isinstance(told(AWS, calls[verb]), ContainerNotFound)


def _with_sas(azurite: Azurite, permission: str, minutes: int) -> dict[str, Any]:
    from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

    sas = generate_account_sas(
        azurite.account,
        azurite.key,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions.from_string(permission),
        datetime.now(UTC) + timedelta(minutes=minutes),
    )
    return {
        "azure_storage_account_name": azurite.account,
        "azure_storage_sas_key": sas,
        "azure_storage_endpoint": azurite.endpoint,
    }


def _s3(endpoint: str) -> dict[str, Any]:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_region": "us-east-1"}
    return {**keys, "aws_endpoint": endpoint, "aws_virtual_hosted_style_request": "false"}


def _azure(endpoint: str) -> dict[str, Any]:
    return {
        "azure_storage_account_name": ACCOUNT,
        "azure_storage_account_key": clients.WRONG,
        "azure_storage_endpoint": f"{endpoint}/{ACCOUNT}",
    }


def everyone(endpoint: str, kind: type[OdibiError]) -> None:
    """Both providers through every client."""
    everywhere("s3", _s3(endpoint), kind)
    everywhere("azure", _azure(endpoint), kind)
    boto, sdk = clients.boto_client(endpoint), clients.azure_blobs(f"{endpoint}/{ACCOUNT}", clients.WRONG)
    assert type(told(AWS, lambda: boto.list_objects_v2(Bucket="tests"))) is kind
    assert type(told(AZURE, lambda: list(sdk.list_blobs()))) is kind


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        everyone(f"http://127.0.0.1:{taken.getsockname()[1]}", Unreachable)


def test_a_host_without_an_address() -> None:
    everywhere("s3", _s3("http://nosuch.invalid"), NameResolutionError)
    boto = clients.boto_client("http://nosuch.invalid")
    assert isinstance(told(AWS, lambda: boto.list_objects_v2(Bucket="tests")), NameResolutionError)


def test_an_unknown_certificate_authority(tmp_path: Path) -> None:
    with http_server(lambda request: Answer(200), tls=certificate(tmp_path)) as endpoint:
        everyone(endpoint, TlsError)


def test_tls_where_there_is_none() -> None:
    with http_server(lambda request: Answer(200)) as endpoint:
        said = everywhere("s3", _s3(endpoint.replace("http:", "https:")), TlsError)
        assert "http://" in said[0].remedy


def test_a_server_that_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(20)
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        read = clients.through_obstore("s3", _s3(endpoint), timeout="400ms")["read"]
        assert isinstance(told(AWS, read), TimedOut)
        hurried = {**_s3(endpoint), "timeout": "400ms"}
        assert isinstance(told(AWS, lambda: clients.through_delta("s3", hurried)), TimedOut)
        boto = clients.boto_client(endpoint, timeout=0.4)
        assert isinstance(told(AWS, lambda: boto.list_objects_v2(Bucket="tests")), TimedOut)


SLOW, BUSY = "Please reduce your request rate.", "The server is busy."
STALE = (
    "</Message><AuthenticationErrorDetail>Request date header too old: 'Mon'</AuthenticationErrorDetail><x>"
)
# Words of the services' documents; see `kinds._KINDS`.
SAID = [
    (503, "SlowDown", SLOW, Throttled, "fewer tables"),
    (503, "ServerBusy", BUSY, Throttled, "fewer tables"),
    (429, "TooManyRequests", "", Throttled, "fewer tables"),
    (403, "RequestTimeTooSkewed", "The difference is too large.", ClockError, "NTP"),
    (403, "AuthenticationFailed", STALE, ClockError, "NTP"),
    (400, "ExpiredToken", "The provided token has expired.", AuthenticationError, "stores:"),
    (401, "InvalidAuthenticationInfo", "", AuthenticationError, "stores:"),
    (400, "AuthorizationHeaderMalformed", "the region is wrong", AuthenticationError, "region:"),
    (301, "PermanentRedirect", "The bucket must be addressed elsewhere.", ContainerNotFound, "region"),
    (403, "AuthorizationFailure", "This request is not authorized.", PermissionDenied, ""),
    (400, "KMS.DisabledException", "The key is disabled.", PermissionDenied, ""),
    (403, "QuotaExceeded", "", QuotaError, "quota"),
    (507, "InsufficientStorage", "", SpaceError, "Free space"),
    (500, "InternalError", "We encountered an internal error.", TransientError, ""),
]


@pytest.fixture(scope="module")
def says() -> Iterator[tuple[str, list[Answer]]]:
    """A server that says what the list holds."""
    answers: list[Answer] = []

    def answer(request: Request) -> Answer:
        return answers[-1]

    with http_server(answer) as endpoint:
        yield endpoint, answers


@pytest.mark.parametrize(("status", "code", "message", "kind", "remedy"), SAID)
def test_what_services_say_is_understood(
    says: tuple[str, list[Answer]],
    status: int,
    code: str,
    message: str,
    kind: type[OdibiError],
    remedy: str,
) -> None:
    endpoint, answers = says
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode()
    answers.append(Answer(status, body, {"Content-Type": "application/xml"}))
    found = [told(AWS, call) for call in clients.through_obstore("s3", _s3(endpoint)).values()]
    found.append(told(AZURE, clients.through_obstore("azure", _azure(endpoint))["list"]))
    found.append(told(AWS, lambda: clients.through_delta("s3", _s3(endpoint))))
    assert {type(error) for error in found} == {kind}
    assert all(remedy in error.remedy for error in found)
    assert all(error.retryable == issubclass(kind, TransientError) for error in found)


def test_how_long_the_store_asks_to_wait(says: tuple[str, list[Answer]]) -> None:
    endpoint, answers = says
    body = f"<Error><Code>SlowDown</Code><Message>{SLOW}</Message></Error>".encode()
    answers.append(Answer(503, body, {"Content-Type": "application/xml", "Retry-After": "7"}))
    boto, sdk = clients.boto_client(endpoint), clients.azure_blobs(f"{endpoint}/{ACCOUNT}", clients.WRONG)
    for where, call in (
        (AWS, lambda: boto.list_objects_v2(Bucket="tests")),
        (AZURE, lambda: list(sdk.list_blobs())),
    ):
        error = told(where, call)
        assert isinstance(error, Throttled) and error.after == 7
        assert all(7 <= pause(error, attempt) <= 8 for attempt in (1, 2, 9))
        assert pause(error, 1, cap=5) == 5


def test_pauses_grow_differ_and_are_capped() -> None:
    error = TimedOut("x")
    pauses = [[pause(error, attempt, cap=20) for _ in range(50)] for attempt in range(1, 40)]
    assert all(0 < one <= 20 for each in pauses for one in each)
    assert all(len(set(each)) > 10 for each in pauses)
    assert max(pauses[0]) <= 0.5 and min(pauses[-1]) >= 10


def test_the_answer_to_a_look_is_as_precise_as_any(remote: Server) -> None:
    """The answer to HEAD has no body; what it means is asked once more."""
    right = remote.obstore_options()
    name = next(name for name in right if name.endswith(("account_key", "secret_access_key")))
    wrong = Options({**right, name: clients.WRONG})
    with using(Stores([Entry(remote.provider, None, wrong)])), pytest.raises(AuthenticationError):
        open_objects(remote.url()).head("x")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "full"), SpaceError),
        (OSError(errno.EDQUOT, "quota"), SpaceError),
        (PermissionError(errno.EACCES, "no"), PermissionDenied),
        (OSError("Kernel error: No space left on device (os error 28)"), SpaceError),
        (
            OSError("Generic error\n  \x1b[31m↳\x1b[0m Unable to copy\n  ↳ No space (os error 28)\n"),
            SpaceError,
        ),
        (OSError("Read-only file system (os error 30)"), PermissionDenied),
        (OSError(errno.EIO, os.strerror(errno.EIO)), StorageError),
    ],
)
def test_what_the_operating_system_says_is_understood(error: OSError, kind: type[OdibiError]) -> None:
    assert type(explain(Where(url="/data"), error)) is kind


SECRETS = [
    "https://a.blob.core.windows.net/c/p?sv=2024-11-04&sig=hush%3D&se=2026",
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=hush%2F2026&X-Amz-Signature=hush&X-Amz-Security-Token=hush",
    "http://user:hush@proxy:3128/",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hush==;EndpointSuffix=core.windows.net",
    "Authorization: Bearer hush.hush.hush",
    "Authorization: SharedKey a:hush=",
    "The MAC signature found in the HTTP request 'hush=' is not the same as any computed signature.",
    '{"client_secret": "hush", "access_token":"hush"}',
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_of_a_url_or_header_is_in_a_message(text: str) -> None:
    inner = RuntimeError(f"and {text}")
    outer = OSError(f"failed: {text}")
    outer.__cause__ = inner
    assert "hush" not in str(explain(AZURE, outer))


@pytest.mark.parametrize(
    "kind", [AuthenticationError, PermissionDenied, ContainerNotFound, Throttled, TimedOut, Unreachable]
)
def test_hooks_see_the_class(kind: type[OdibiError]) -> None:
    try:
        raise kind("x")
    except OdibiError as error:
        kept = serializable_error_info_from_exc_info(sys.exc_info())
        assert classify(error) == classify(kept) == kind.kind
