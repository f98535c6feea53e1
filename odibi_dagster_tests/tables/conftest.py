from pathlib import Path

import pytest

from odibi_dagster_tests.tables.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "defs")
