from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.landing.lake import Lake
from odibi_dagster_tests.services.place import Place, Server


@pytest.fixture
def lake(store: Server, tmp_path: Path) -> Lake:
    """Nothing has landed, on each store in turn."""
    return Lake(Place(store, store.url()), tmp_path)
