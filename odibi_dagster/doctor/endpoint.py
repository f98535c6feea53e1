"""Which host a store's requests go to, and through which proxy."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.credentials.aws import AwsCredential
from odibi_dagster.storage.credentials.azure import AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.store import Store
from odibi_dagster.storage.value import text_of

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy; `user` and `password` are "" where it asks for none."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Endpoint:
    """Where requests go.

    Args:
        url: of the service, without secrets.
        proxy: what stands between; None means nothing.
        ca_file: of the authority that is trusted beside the machine's own.
    """

    url: str
    proxy: Proxy | None
    ca_file: str | None

    @property
    def tls(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    @property
    def first(self) -> tuple[str, int]:
        """The host and port that this machine itself connects to."""
        return (self.proxy.host, self.proxy.port) if self.proxy else (self.host, self.port)


def endpoint_of(store: Store) -> Endpoint:
    """The endpoint of a remote store of an environment.

    Raises:
        ConfigError, StorageError, TransientError: a connection string or a proxy's password is not to be had.
    """
    credential, network = store.credential, store.network
    if isinstance(credential, AzureCredential):
        url = credential.settled().blob_endpoint
    elif isinstance(credential, AwsCredential):
        url = credential.service_endpoint
        if credential.path_style is False:
            scheme, _, host = url.partition("://")
            url = f"{scheme}://{credential.bucket}.{host}"
    else:
        raise TypeError(f"{store.root} is no remote store of an environment")
    assert isinstance(network, Network)
    return Endpoint(url, proxy_of(url, network), network.ca_file)


def proxy_of(url: str, network: Network) -> Proxy | None:
    """The proxy that a URL is reached through: the environment's, else that of the usual variables.

    Raises:
        ConfigError: the proxy's URL is none.
    """
    from requests.utils import should_bypass_proxies

    if network.proxy:
        found = text_of(network.proxy)
        bypass = bool(network.no_proxy and should_bypass_proxies(url, network.no_proxy))
    else:
        usual = urllib.request.getproxies_environment()
        found = usual.get(urlsplit(url).scheme) or usual.get("all") or ""
        bypass = bool(found) and should_bypass_proxies(url, None)
    if not found or bypass:
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    if not parts.hostname:
        raise ConfigError(
            "The proxy's URL names no host.",
            remedy="Write `network: {proxy: http://host:port}`, or correct HTTPS_PROXY.",
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.hostname, parts.port or 80, user, password)
