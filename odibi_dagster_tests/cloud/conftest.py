"""An adapter on each kind of store, each with a place that nobody has written to."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster_tests.services.place import Place, Server

STORES = ("local", "azurite", "seaweedfs")


def arguments(server: Any, **changes: Any) -> dict[str, Any]:
    """What a user writes to reach this server's container of tests."""
    section = server.store_section(**changes)
    named = {key: value for key, value in section.items() if key != "provider"}
    return {"provider": section["provider"], "container": "tests", **named}


@pytest.fixture(params=STORES)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> CloudAdapter:
    """An adapter for each store in turn; the process itself knows nothing of it."""
    if request.param == "local":
        (tmp_path / "files").mkdir()
        return CloudAdapter.create("local", container=str(tmp_path / "files"))
    return CloudAdapter.create(**arguments(request.getfixturevalue(request.param)))


@pytest.fixture
def folder() -> str:
    """A folder in the container, that nobody has written to."""
    return f"cloud-{uuid.uuid4().hex[:8]}"


def place(server: Server, adapter: CloudAdapter, folder: str) -> Place:
    """The same folder, without the code under test."""
    return Place(server, f"{adapter._target.url()}/{folder}")
