"""Asks a store who one is and what one may do."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from typing import Any

from odibi_dagster.cloud.identity import aws_identity, azure_identity
from odibi_dagster.cloud.target import Target
from odibi_dagster.errors import ContainerNotFound, OdibiError, PermissionDenied, Where
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.failures import explain

#: Somebody waits for the answer: what fails is tried once more, not five times, and not for minutes.
_ATTEMPTS, _TIMEOUT = 2, 8.0


@dataclass(frozen=True)
class Connection:
    """What a store answered; always true, because a store that refuses raises.

    Args:
        url: the container, bucket or folder; the account's address if none was named.
        identity: who asks, as the store knows them; never a secret.
        can_list: whether files can be listed.
        can_read: whether they can be read; None if no file was there to tell.
        containers: without a container, those that there are.
        seconds: how long the questions took.
    """

    url: str
    identity: str
    can_list: bool
    can_read: bool | None
    containers: tuple[str, ...] = ()
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        answers = {True: "yes", False: "no", None: "not known"}
        lines = [f"connected to {self.url} in {self.seconds:.2f} s", f"  as     {self.identity}"]
        if self.containers:
            lines.append(f"  there  {', '.join(self.containers)}")
        lines += [f"  list   {answers[self.can_list]}", f"  read   {answers[self.can_read]}"]
        return "\n".join([*lines, "  write  not tried"])

    __repr__ = __str__


def connect(target: Target) -> Connection:
    """See `CloudAdapter.connect`."""
    began = time.monotonic()
    target = target.hurried(_ATTEMPTS, _TIMEOUT)
    if target.provider == "local":
        found = _folder(target)
    elif target.root is None:
        found = _account(target)
    else:
        found = _container(target)
    return Connection(
        found.url,
        found.identity,
        found.can_list,
        found.can_read,
        found.containers,
        time.monotonic() - began,
    )


def _folder(target: Target) -> Connection:
    path = str(target.place)
    if not os.path.isdir(path):
        raise ContainerNotFound(
            "The folder is not there.", where=Where(url=path), remedy="Create it, or correct the path."
        )
    allowed = os.access(path, os.R_OK | os.X_OK)
    if not allowed:
        raise PermissionDenied(
            "The folder may not be read.",
            where=Where(url=path),
            remedy="Give this user the right to list and read it.",
        )
    return Connection(path, f"the user {_user()} of this machine", True, True)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _container(target: Target) -> Connection:
    identity, url = _identity(target), target.url()
    first: str | None = None
    denied: PermissionDenied | None = None
    try:
        first = _first(target)
    except PermissionDenied as error:
        denied = error
    can_read = _can_read(target, first)
    if denied and not can_read:
        raise denied
    return Connection(url, identity, denied is None, can_read)


def _first(target: Target) -> str | None:
    """A file that is not empty, among the first of a listing: one request."""
    import obstore

    client, url = target.stores.store_of(target.url()).obstore(), target.url()
    try:
        batch = next(iter(obstore.list(client, chunk_size=1000)), [])
    except (obstore.exceptions.BaseError, OSError) as error:
        raise explain(Where(url=url), error) from error
    return next((each["path"] for each in batch if each["size"]), None)


def _can_read(target: Target, path: str | None) -> bool | None:
    """Whether a byte can be read; "not there" is an answer that who may not read does not get."""
    import obstore

    name = path or f"nothing-has-this-name-{uuid.uuid4().hex}"
    client = target.stores.store_of(target.url()).obstore()
    try:
        obstore.get(client, name, options={"range": (0, 1)})
    except FileNotFoundError as error:
        found = explain(Where(url=target.url()), error)
        if isinstance(found, ContainerNotFound):
            raise found from error
    except (obstore.exceptions.BaseError, OSError) as error:
        found = explain(Where(url=target.url()), error)
        if isinstance(found, PermissionDenied):
            return False
        if path and type(found).__name__ == "StorageError":
            return None  # such as a file in the archive, which must be brought back first
        raise found from error
    return True


def _identity(target: Target) -> str:
    if isinstance(target.credential, AzureCredential):
        return azure_identity(target.credential)
    assert isinstance(target.credential, AwsCredential)
    return aws_identity(target.credential)


def _account(target: Target) -> Connection:
    """Without a container: which ones there are."""
    identity = _identity(target)
    if isinstance(target.credential, AzureCredential):
        url = target.credential.settled().blob_endpoint
        names = _asked(url, lambda: _azure_containers(target, url))
    else:
        assert isinstance(target.credential, AwsCredential)
        url = target.credential.service_endpoint
        client = target.credential.boto_client()
        names = _asked(url, lambda: [each["Name"] for each in client.list_buckets()["Buckets"]])
    return Connection(url, identity, True, None, tuple(names))


def _azure_containers(target: Target, url: str) -> list[str]:
    from azure.storage.blob import BlobServiceClient

    credential, network = target.credential, target.stores.network
    assert isinstance(credential, AzureCredential)
    options: dict[str, Any] = getattr(network, "azure_options", lambda url: {})(url)
    options["retry_total"] = 0  # the SDK waits 15 seconds before it tries again
    with BlobServiceClient(url, credential.sdk_credential(), **options) as client:
        return [each["name"] for each in client.list_containers()]


def _asked(url: str, ask: Any) -> list[str]:
    try:
        names: list[str] = ask()
    except OdibiError:
        raise
    except Exception as error:  # each SDK has a tree of its own
        found = explain(Where(url=url), error)
        if isinstance(found, PermissionDenied):
            found = PermissionDenied(
                found.what, where=found.where, why=found.why,
                remedy="Name the container or bucket: to list all of them is a right of its own.",
            )  # fmt: skip
        raise found from error
    return names
