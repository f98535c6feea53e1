"""Azurite: Azure's Blob and Queue storage on this machine, with shared keys, SAS and, over TLS, tokens."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.certificates import Certificate
from odibi_dagster_tests.services.installed import call, installed
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.program import is_listening, program

VERSION = "3.37.0"
ACCOUNT = "odibitests"
CONTAINER = "tests"
HOW_TO = """The tests on Azure's storage need Node.js with npm, and install Azurite with it.
  Debian, Ubuntu:  sudo apt-get install nodejs npm
  macOS:           brew install node
As root, where apt-get is, the tests install Debian's packages by themselves."""


@dataclass(frozen=True)
class Azurite:
    """A running Azurite. It can be pickled: children of a test use the same one.

    Args:
        endpoint: the Blob service of the account, `http://127.0.0.1:PORT/ACCOUNT`.
        queue_endpoint: the Queue service of the account.
        account: the account's name.
        key: the account's key.
        authority: the certificate authority's PEM file, over https; else "".
        log: what the server said.
        ports: of its Blob, Queue and Table services.
    """

    endpoint: str
    queue_endpoint: str
    account: str
    key: str = field(repr=False)
    authority: str = ""
    log: str = ""
    provider: str = "azure"
    ports: tuple[int, int, int] = (0, 0, 0)

    def url(self, name: str = "lake") -> str:
        """The canonical URL of a place that nobody has written to, in the container that all tests share."""
        return f"{self.root(CONTAINER)}/{name}-{uuid.uuid4().hex[:8]}"

    def container(self, name: str = "container") -> str:
        """The canonical URL of a container of its own."""
        container = f"{name}-{uuid.uuid4().hex[:8]}"
        self._create(container)
        return self.root(container)

    def root(self, container: str) -> str:
        return f"abfss://{container}@{self.account}.dfs.core.windows.net"

    def store_section(self, **changes: Any) -> dict[str, Any]:
        """The entry of `stores:` in an environment file; a change to None takes a key away."""
        section = {
            "provider": "azure",
            "account": self.account,
            "account_key": self.key,
            "endpoint": self.endpoint,
            **changes,
        }
        return {key: value for key, value in section.items() if value is not None}

    def delta_options(self) -> dict[str, str]:
        """What delta-rs must be told; no code of the platform has a hand in it."""
        return {**self.obstore_options(), "allow_http": "true"}

    def obstore_options(self) -> dict[str, str]:
        """The `config` of obstore's store; over http it also wants `client_options={"allow_http": True}`."""
        return {
            "azure_storage_account_name": self.account,
            "azure_storage_account_key": self.key,
            "azure_storage_endpoint": self.endpoint,
        }

    @property
    def connection_string(self) -> str:
        return (
            f"DefaultEndpointsProtocol={self.endpoint.partition(':')[0]};AccountName={self.account};"
            f"AccountKey={self.key};BlobEndpoint={self.endpoint};QueueEndpoint={self.queue_endpoint};"
        )

    def blobs(self) -> Any:
        """Azure's own client, as the account's owner."""
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient.from_connection_string(
            self.connection_string, connection_verify=self.authority or True
        )

    def _create(self, container: str) -> None:
        with self.blobs() as client:
            client.create_container(container)


@contextmanager
def azurite(
    folder: Path, tls: Certificate | None = None, *, lasting: bool = False, former: Azurite | None = None
) -> Iterator[Azurite]:
    """A new, empty Azurite until the block ends; its data are in memory.

    Args:
        folder: for its log.
        tls: with a certificate the server speaks https and takes Entra's tokens too; it checks their audience
            and expiry, and not the signature.
        lasting: its data are in the folder, for a `former` one to be followed.
        former: a lasting one that ran with this folder: the address and the data are its own, the account's
            key is another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    main = installed(f"azurite-{VERSION}", _install) / "node_modules/azurite/dist/src/azurite.js"
    account_key = base64.b64encode(secrets.token_bytes(64)).decode()
    blob, queue, table = former.ports if former else free_ports(3)
    scheme = "https" if tls else "http"
    command = ["node", str(main), "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    command += ["--location", str(folder / "data")] if lasting or former else ["--inMemoryPersistence"]
    for service, port in (("blob", blob), ("queue", queue), ("table", table)):
        command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port)]
    if tls:
        command += ["--oauth", "basic", "--cert", str(tls.certificate), "--key", str(tls.key)]
    log = folder / "azurite.log"
    server = Azurite(
        f"{scheme}://127.0.0.1:{blob}/{ACCOUNT}",
        f"{scheme}://127.0.0.1:{queue}/{ACCOUNT}",
        ACCOUNT,
        account_key,
        str(tls.authority) if tls else "",
        str(log),
        ports=(blob, queue, table),
    )
    env = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{account_key}"}
    with program(command, log, lambda: is_listening(blob) and is_listening(queue), env):
        if not former:
            server._create(CONTAINER)
        yield server


def _install(folder: Path) -> None:
    if not shutil.which("npm") and os.geteuid() == 0 and shutil.which("apt-get"):
        call(["apt-get", "-qq", "update"], HOW_TO)
        call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "nodejs", "npm"], HOW_TO)
    quietly = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    call(["npm", "install", *quietly, "--prefix", str(folder), f"azurite@{VERSION}"], HOW_TO)
