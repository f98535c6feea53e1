"""docs/guarantees.md: every row names tests, and every named test is there."""

from __future__ import annotations

import ast
import re

import pytest

from odibi_dagster_tests.docs.blocks import ROOT

TESTS = ROOT / "odibi_dagster_tests"
LINES = (ROOT / "docs/guarantees.md").read_text(encoding="utf-8").splitlines()
ROWS = [
    (number, line.strip("| ").split(" | "))
    for number, line in enumerate(LINES, start=1)
    if line.startswith("| ") and not line.startswith(("| ---", "| guarantee |", "| without |"))
]


@pytest.mark.parametrize(("line", "cells"), ROWS, ids=[f"line {number}" for number, _ in ROWS])
def test_a_guarantee_names_tests_that_are_there(line: int, cells: list[str]) -> None:
    assert len(cells) == 3, f"docs/guarantees.md:{line}: a guarantee, what protects it, and a test"
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", cells[2])
    assert named, f"docs/guarantees.md:{line}: no test"
    for file, test in named:
        path = TESTS / file
        assert path.is_file(), f"docs/guarantees.md:{line}: there is no {path.relative_to(ROOT)}"
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"docs/guarantees.md:{line}: there is no {file}::{test}"


def test_there_are_guarantees() -> None:
    assert len(ROWS) > 40
