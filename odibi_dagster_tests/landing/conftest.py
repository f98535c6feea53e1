from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.landing.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)
