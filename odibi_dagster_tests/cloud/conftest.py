"""An adapter on each kind of store, each with a place that nobody has written to."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster import CloudAdapter

STORES = ("local", "azurite", "seaweedfs")


def arguments(server: Any, **changes: Any) -> dict[str, Any]:
    """What a user writes to reach this server's container of tests."""
    named = {"container": "tests", **server.store_section(), **changes}
    return {key: value for key, value in named.items() if value is not None}


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
