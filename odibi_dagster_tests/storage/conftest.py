"""One place on each kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odibi_dagster.storage.stores import Stores, using
from odibi_dagster_tests.services.place import LocalDisk, Server
from odibi_dagster_tests.stores import stores_of

REMOTE = ("azurite", "seaweedfs")


def server_of(name: str, request: pytest.FixtureRequest, folder: Path) -> Server:
    """The running server of that name, or the local disk."""
    server: Server = LocalDisk(str(folder)) if name == "local" else request.getfixturevalue(name)
    return server


@pytest.fixture(params=["local", "memory", *REMOTE])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a place that nobody has written to, on each kind of store in turn."""
    if request.param == "memory":
        with using(Stores()):
            yield "memory:///place"
        return
    server = server_of(request.param, request, tmp_path)
    with using(stores_of(server)):
        yield server.url("storage")


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each remote store in turn, reached by its owner."""
    server: Server = request.getfixturevalue(request.param)
    with using(stores_of(server)):
        yield server
