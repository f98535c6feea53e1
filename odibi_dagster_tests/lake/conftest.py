from __future__ import annotations

import pytest

from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import Place, Server


@pytest.fixture
def table(store: Server) -> Table:
    """A table that is not there yet, on each store in turn."""
    return Table(Place(store, store.url()))
