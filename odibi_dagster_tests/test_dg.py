"""Dagster's newer command, `dg`, works in a checkout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from odibi_dagster_tests.lakes import Lake

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_the_project_file_is_valid(lake: Lake) -> None:
    assert "valid" in lake.run("dg", "check", "toml", cwd=CHECKOUT).stdout


def test_the_definitions_are_listed(lake: Lake) -> None:
    listed = json.loads(lake.run("dg", "list", "defs", "--json", cwd=CHECKOUT).stdout)
    assert "gold/customer_metrics" in json.dumps(listed)
