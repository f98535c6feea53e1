from pathlib import Path

import pytest

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster_tests.engines.pandas.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", PandasEngine(threads=2, memory_limit="1GB"))
