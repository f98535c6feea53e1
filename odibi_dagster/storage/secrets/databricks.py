"""`${databricks:scope/key}`: Databricks secret scopes, through dbutils on a cluster and REST elsewhere."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError, Where
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets.redaction import remember
from odibi_dagster.storage.secrets.reference import Reference


class Databricks:
    """Reads secrets of scopes.

    On a cluster (DATABRICKS_RUNTIME_VERSION is set) dbutils is asked; elsewhere the workspace's REST
    interface, https://docs.databricks.com/api/workspace/secrets/getsecret, which answers in base64.

    Args:
        variables: the process variables, with DATABRICKS_HOST and DATABRICKS_TOKEN.
        network: returns how the wire is used.
    """

    def __init__(self, variables: Mapping[str, str], network: Callable[[], Network] = Network) -> None:
        self._variables, self._network = variables, network

    def __call__(self, reference: Reference) -> str:
        """The secret's current value.

        Raises:
            ConfigError: there is no such scope or key, or nobody said which workspace.
            StorageError: the token is refused.
            TransientError: the workspace cannot be reached, or is busy.
        """
        scope, _, key = reference.address.partition("/")
        if self._variables.get("DATABRICKS_RUNTIME_VERSION"):
            return _on_cluster(scope, key, reference)
        return self._rest(scope, key, reference)

    def _rest(self, scope: str, key: str, reference: Reference) -> str:
        host, token = self._variables.get("DATABRICKS_HOST"), self._variables.get("DATABRICKS_TOKEN")
        if not host or not token:
            raise ConfigError(
                f"`{reference}`: DATABRICKS_HOST or DATABRICKS_TOKEN is not set.",
                remedy="Set both: the workspace's address, and a personal or service principal's token.",
            )
        remember(token)
        host = _workspace(host)
        query = urllib.parse.urlencode({"scope": scope, "key": key})
        request = urllib.request.Request(
            f"{host}/api/2.0/secrets/get?{query}", headers={"Authorization": f"Bearer {token}"}
        )
        try:
            with _open(request, self._network().azure_options(host)) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise _explained(error, reference, host) from error
        except (OSError, ValueError) as error:
            raise TransientError(
                f"`{reference}`: the workspace cannot be reached.",
                where=Where(url=host),
                why=str(getattr(error, "reason", error)),
                remedy="Correct DATABRICKS_HOST if it is wrong; else look at the network, and run again.",
            ) from error
        return base64.b64decode(answer["value"]).decode("utf-8")


def _workspace(host: str) -> str:
    host = (host if "://" in host else f"https://{host}").rstrip("/")
    parts = urllib.parse.urlsplit(host)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise ConfigError(
            "DATABRICKS_HOST is no https address.",
            why="the token would cross the network in the clear",
            remedy="Write https://….",
        )
    return host


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib hands the token on to whatever host an answer names."""

    def redirect_request(self, *args: Any, **keywords: Any) -> None:
        return None


def _open(request: urllib.request.Request, options: Mapping[str, Any]) -> Any:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if "proxies" in options:  # without it, those of the process variables
        handlers.append(urllib.request.ProxyHandler({k: v for k, v in options["proxies"].items() if v}))
    if "connection_verify" in options:
        trusted = ssl.create_default_context(cafile=options["connection_verify"])
        handlers.append(urllib.request.HTTPSHandler(context=trusted))
    return urllib.request.build_opener(*handlers).open(request, timeout=options["read_timeout"])


def _on_cluster(scope: str, key: str, reference: Reference) -> str:
    try:
        return str(_dbutils().secrets.get(scope=scope, key=key))
    except Exception as error:  # Py4J hands every refusal on as one class, with a Java trace
        raise ConfigError(
            f"`{reference}`: dbutils does not answer.",
            why=f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
            remedy="Correct scope and key, and give the cluster's identity READ on the scope.",
        ) from error


def _dbutils() -> Any:
    # Databricks documents both ways: the SDK's runtime, and pyspark's own from the session.
    try:
        from databricks.sdk.runtime import dbutils  # type: ignore[import-not-found, unused-ignore]

        return dbutils
    except ImportError:
        from pyspark.dbutils import DBUtils  # type: ignore[import-not-found, unused-ignore]
        from pyspark.sql import SparkSession

        make: Callable[[Any], Any] = DBUtils
        return make(SparkSession.builder.getOrCreate())


def _explained(error: urllib.error.HTTPError, reference: Reference, host: str) -> OdibiError:
    try:
        said = json.load(error)
        why = f"{said.get('error_code', error.code)}: {said.get('message', '')}"
    except (ValueError, AttributeError, OSError):
        why = f"{error.code} {error.reason}"
    where = Where(url=host)
    if error.code == 404:
        return ConfigError(
            f"`{reference}`: the workspace has no such scope or key.",
            where=where,
            why=why,
            remedy="Correct scope and key, or create the secret.",
        )
    if error.code in (401, 403):
        return StorageError(
            f"`{reference}`: the workspace refuses DATABRICKS_TOKEN.",
            where=where,
            why=why,
            remedy="Set a token that is valid, and give its owner READ on the scope.",
        )
    if error.code == 429 or error.code >= 500:
        return TransientError(f"`{reference}`: the workspace is busy.", where=where, why=why)
    return StorageError(f"`{reference}`: the workspace refuses.", where=where, why=why)
