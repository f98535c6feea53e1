"""What other programs leave between files is no file."""

from __future__ import annotations

import re

import pytest

from odibi_dagster.landing.hidden import HIDDEN
from odibi_dagster.storage.markers import is_marker


@pytest.mark.parametrize(
    "path",
    ["_SUCCESS", "a/_SUCCESS", "a/_committed_123", "_started_9", "a_$folder$", "x/a_$folder$", "a/", ""],
)
def test_markers_are_known_to_storage_and_landing(path: str) -> None:
    assert is_marker(path) and (not path or re.fullmatch(HIDDEN, path))


@pytest.mark.parametrize(
    "path", ["a", "a/b.parquet", "_SUCCESS.csv", "x_committed_1", "_SUCCESS/x", "$folder"]
)
def test_files_are_no_markers(path: str) -> None:
    assert not is_marker(path)
