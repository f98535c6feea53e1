"""Databricks' secret scopes: its REST interface off a cluster, dbutils on one."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets import Sources, mask
from odibi_dagster.storage.secrets.databricks import Databricks
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.databricks import Workspace, workspace
from odibi_dagster_tests.services.ports import free_port


@pytest.fixture
def server() -> Iterator[Workspace]:
    with workspace() as running:
        yield running


def reveal(text: str, variables: dict[str, str], **network: Any) -> str:
    asked = Databricks(variables, lambda: Network(**network))
    return Sources(variables, remote={"databricks": asked}).secret(text).reveal()


def test_through_rest(server: Workspace) -> None:
    server.secrets["prod", "db-password"] = "pässword"
    told = {"DATABRICKS_HOST": server.url + "/", "DATABRICKS_TOKEN": server.token}
    assert reveal("${databricks:prod/db-password}", told) == "pässword"
    assert mask(f"pässword {server.token}") == "*** ***"


def test_the_network_block_counts(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    with workspace(tls) as server:
        server.secrets["prod", "db-password"] = "v4lue-of-it"
        told = {"DATABRICKS_HOST": server.url, "DATABRICKS_TOKEN": server.token}
        with pytest.raises(TransientError, match="CERTIFICATE_VERIFY_FAILED"):
            reveal("${databricks:prod/db-password}", told)
        assert reveal("${databricks:prod/db-password}", told, ca_file=str(tls.authority)) == "v4lue-of-it"
        nowhere = f"http://127.0.0.1:{free_port()}"
        with pytest.raises(TransientError, match="cannot be reached"):
            reveal("${databricks:prod/db-password}", told, ca_file=str(tls.authority), proxy=nowhere)


def test_what_is_wrong_is_told_with_what_to_do(server: Workspace) -> None:
    server.secrets["prod", "busy"] = "x"
    server.failing["busy"] = 503
    server.failing["moved"] = 302
    good = {"DATABRICKS_HOST": server.url, "DATABRICKS_TOKEN": server.token}
    for text, variables, kind, said in (
        ("${databricks:prod/absent}", good, ConfigError, "no such scope or key"),
        (
            "${databricks:prod/x}",
            {**good, "DATABRICKS_TOKEN": "wr0ng-token"},
            StorageError,
            "DATABRICKS_TOKEN",
        ),
        ("${databricks:prod/busy}", good, TransientError, "busy"),
        ("${databricks:prod/moved}", good, StorageError, "302"),
        ("${databricks:prod/x}", {}, ConfigError, "not set"),
        (
            "${databricks:prod/x}",
            {**good, "DATABRICKS_HOST": "http://workspace.example"},
            ConfigError,
            "https",
        ),
        (
            "${databricks:prod/x}",
            {**good, "DATABRICKS_HOST": f"http://127.0.0.1:{free_port()}"},
            TransientError,
            "cannot be reached",
        ),
    ):
        with pytest.raises(OdibiError) as caught:
            reveal(text, variables)
        assert type(caught.value) is kind, caught.value
        assert said in str(caught.value)
        assert "wr0ng-token" not in str(caught.value)
    assert server.elsewhere == [], "no token follows a redirect"


def test_on_a_cluster_dbutils_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*, scope: str, key: str) -> str:
        if key == "absent":
            raise RuntimeError("Secret does not exist with scope: prod and key: absent\n\tat com.databricks…")
        return f"{scope}-{key}-value"

    runtime = types.ModuleType("databricks.sdk.runtime")
    runtime.dbutils = types.SimpleNamespace(secrets=types.SimpleNamespace(get=get))  # type: ignore[attr-defined]
    for name in ("databricks", "databricks.sdk"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "databricks.sdk.runtime", runtime)
    cluster = {"DATABRICKS_RUNTIME_VERSION": "17.3"}
    assert reveal("${databricks:prod/name}", cluster) == "prod-name-value"
    with pytest.raises(ConfigError, match="does not exist"):
        reveal("${databricks:prod/absent}", cluster)
