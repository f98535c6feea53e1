"""A session on a Spark Connect server: Databricks, or any other."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from odibi_dagster.errors import ConfigError, Unreachable, Where
from odibi_dagster.storage.value import Value, text_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PORT = 15002
_SECONDS = 5.0
#: Any setting that every server has.
_ASKED = "spark.sql.session.timeZone"
#: How often a session that works asks a server that is away, for half a minute; the client itself would ask
#: it for ten, and only one that is still starting is given them.
_ATTEMPTS, _LONGEST_PAUSE = 9, 5_000
_PACKAGES = ("pyarrow", "grpc", "grpc_status", "zstandard")
_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")


def connect(remote: Value) -> SparkSession:
    """A new session on the server, which has answered once.

    Args:
        remote: "sc://host:port/;token=…".

    Raises:
        ConfigError: it is no such URL, or packages are missing that the client needs.
        Unreachable: nobody answers there.
    """
    url = text_of(remote)
    place = shown(url)
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        raise ConfigError(
            "Spark Connect needs packages that are not installed.",
            why=", ".join(missing),
            remedy="Install them: `pip install 'odibi-dagster[connect]'`.",
        )
    _reach(url)
    from pyspark.sql.connect.session import SparkSession as Remote

    # The functions of pyspark.sql.functions ask this variable which kind of column they make.
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    try:
        spark: Any = Remote.builder.remote(url).create()
        spark.conf.get(_ASKED)
    except Exception as error:
        raise Unreachable(
            "The Spark Connect server does not give a session.",
            where=Where(url=place),
            why=str(error).splitlines()[0] if str(error) else type(error).__name__,
            remedy="Look at `spark: {remote: …}`: its host, its token, and whether the cluster runs.",
        ) from None
    from pyspark.sql.connect.client.retries import DefaultPolicy

    policy = DefaultPolicy(max_retries=_ATTEMPTS, max_backoff=_LONGEST_PAUSE)
    spark.client.set_retry_policies([policy])
    return cast("SparkSession", spark)


def answers(spark: Any, remote: Value) -> bool:
    """Whether the session is still there: its server may have gone, or another have come in its place."""
    if spark.is_stopped:
        return False
    try:
        _reach(text_of(remote))
        spark.conf.get(_ASKED)
    except Exception:
        spark.release_session_on_close = False  # nobody is there to be told
        return False
    return True


def shown(url: str) -> str:
    """The URL without its parameters, among which the token is."""
    return url.partition("/;")[0].partition(";")[0]


def _reach(url: str) -> None:
    """The client itself would try for ten minutes."""
    parts = urlsplit(shown(url))
    if parts.scheme != "sc" or not parts.hostname:
        raise ConfigError(
            "`remote` is no URL of a Spark Connect server.", remedy="Write it like sc://host:15002."
        )
    if any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES):
        return
    try:
        socket.create_connection((parts.hostname, parts.port or PORT), timeout=_SECONDS).close()
    except OSError as error:
        raise Unreachable(
            "No Spark Connect server answers.",
            where=Where(url=shown(url)),
            why=str(error),
            remedy="Start it, or correct `spark: {remote: …}`.",
        ) from error
