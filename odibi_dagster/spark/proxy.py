"""`network: {proxy: …, no_proxy: …}` for Spark: S3A has settings of its own, ABFS takes the JVM's."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from odibi_dagster.storage.network import Network
from odibi_dagster.storage.value import text_of

_REGION = "endpoint.region"
#: The client of ABFS that knows the JVM's proxy; its default, Apache's, does not.
_JDK = {"fs.azure.networking.library": "JDK_HTTP_URL_CONNECTION"}


def hadoop_options(network: Network, stores: Mapping[str, str]) -> dict[str, str]:
    """Hadoop's settings for a proxy, without `spark.hadoop.`; {} without one.

    A bucket whose endpoint `no_proxy` names is reached without it.
    https://hadoop.apache.org/docs/r3.5.0/hadoop-aws/tools/hadoop-aws/connecting.html

    Args:
        network: the environment's.
        stores: the stores' own settings.
    """
    if not network.proxy:
        return {}
    proxy = urlsplit(text_of(network.proxy))
    told = {
        "proxy.host": proxy.hostname or "",
        "proxy.port": str(proxy.port or _port(proxy.scheme)),
        "proxy.ssl.enabled": str(proxy.scheme == "https").lower(),
    }
    if proxy.username:
        told |= {"proxy.username": unquote(proxy.username), "proxy.password": unquote(proxy.password or "")}
    options = dict(_JDK)
    for key, region in stores.items():
        if key.startswith("fs.s3a.") and key.endswith(_REGION):
            own = key.removesuffix(_REGION)
            endpoint = stores.get(f"{own}endpoint") or f"https://s3.{region}.amazonaws.com"
            if network.bypassed(endpoint):
                options[f"{own}proxy.host"] = ""
            else:
                options |= {own + name: value for name, value in told.items()}
    return options


def java_options(network: Network) -> str:
    """The options of a JVM that goes through the proxy; "" without one. A password is no option of Java's."""
    if not network.proxy:
        return ""
    proxy = urlsplit(text_of(network.proxy))
    port = proxy.port or _port(proxy.scheme)
    named = {f"{scheme}.proxyHost": proxy.hostname for scheme in ("http", "https")}
    named |= {f"{scheme}.proxyPort": str(port) for scheme in ("http", "https")}
    named["http.nonProxyHosts"] = "|".join(_hosts(network.no_proxy or ""))
    return " ".join(f"-D{name}={value}" for name, value in named.items())


def _hosts(no_proxy: str) -> list[str]:
    """The hosts and domains of `no_proxy`, as Java writes them: a domain is its hosts too."""
    names = [name.strip().lstrip(".") for name in no_proxy.split(",") if name.strip() and "/" not in name]
    return [each for name in names for each in ((name, f"*.{name}") if name != "*" else ("*",))]


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
