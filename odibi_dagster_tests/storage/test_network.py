"""The network section reaches obstore, delta-rs, the Azure SDK and boto3."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from odibi_dagster.errors import OdibiError, StorageError
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.trust import authority, bundle
from odibi_dagster_tests.services.azurite import CONTAINER, Azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.seaweedfs import BUCKET, SeaweedFS
from odibi_dagster_tests.storage.credentials.reach import BOTH, write


class Proxy(ThreadingHTTPServer):
    """A forward proxy for http:// that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Forward(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Proxy)
        self.server.asked.append(self.path)
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        upstream = HTTPConnection(parts.netloc, timeout=20)
        upstream.request(
            self.command, self.path.partition(parts.netloc)[2] or "/", body, dict(self.headers.items())
        )
        answer = upstream.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("content-length") if self.command == "HEAD" else str(len(data))
        self.send_header("content-length", length or "0")
        self.end_headers()
        self.wfile.write(data)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = Proxy()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def azure(store: Azurite, network: Network) -> AzureCredential:
    return AzureCredential(store.account, account_key=store.key, endpoint=store.endpoint, network=network)


def aws(store: SeaweedFS, network: Network) -> AwsCredential:
    keys = {"access_key_id": store.access_key_id, "secret_access_key": store.secret_access_key}
    return AwsCredential(endpoint=store.endpoint, region="us-east-1", network=network, **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize("client", BOTH)
def test_a_proxy_is_used_unless_the_host_is_excluded(azurite: Azurite, proxy: Proxy, client: str) -> None:
    network = Network(proxy=proxy.url, connect_timeout=2, timeout=20, attempts=2)
    write(client, azurite.root(CONTAINER), azure(azurite, network), network)
    assert proxy.asked and all(asked.startswith(azurite.endpoint) for asked in proxy.asked)
    proxy.asked.clear()
    network = Network(proxy=proxy.url, no_proxy="127.0.0.1", connect_timeout=2, timeout=20, attempts=2)
    write(client, azurite.root(CONTAINER), azure(azurite, network), network)
    assert proxy.asked == []


def test_the_sdks_use_it_too(azurite: Azurite, seaweedfs: SeaweedFS, proxy: Proxy) -> None:
    from odibi_dagster.resources.azure import blob_service

    for excluded in (None, "127.0.0.0/8"):
        proxy.asked.clear()
        network = Network(proxy=proxy.url, no_proxy=excluded, connect_timeout=2, timeout=20, attempts=2)
        with blob_service(azure(azurite, network)) as client:
            assert CONTAINER in [each.name for each in client.list_containers()]
        aws(seaweedfs, network).boto_client().list_objects_v2(Bucket=BUCKET)
        assert len(proxy.asked) == (0 if excluded else 2)


@pytest.mark.parametrize("client", BOTH)
def test_a_dead_endpoint_is_told_within_the_attempts(client: str) -> None:
    network = Network(connect_timeout=1, timeout=2, attempts=2)
    dead = AwsCredential(
        access_key_id="a", secret_access_key="b", endpoint=f"http://127.0.0.1:{free_port()}", network=network
    )
    started = time.monotonic()
    with pytest.raises(OdibiError, match="connection"):
        write(client, "s3://bucket", dead, network)
    assert time.monotonic() - started < 10


def test_the_bundle_trusts_the_machines_authorities_and_the_named_one(tmp_path: Path) -> None:
    import ssl

    own = certificate(tmp_path).authority
    file = bundle(str(own))
    assert authority(str(own)) in Path(file).read_text()
    context = ssl.create_default_context(cafile=file)
    assert len(context.get_ca_certs()) > 1
    assert bundle(str(own)) == file


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        Network(ca_file=str(tmp_path / "missing.pem")).obstore_options()
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(StorageError, match="no certificate"):
        Network(ca_file=str(tmp_path / "empty.pem")).delta_options()
