from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.lake.table import Table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)
