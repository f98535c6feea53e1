"""A table's step: a broken rule stops the publish of its table and of nothing else."""

from __future__ import annotations

import pytest

from odibi_dagster_tests.lakes import Lake

NUMBERS = """
import pandas as pd


def numbers() -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2, 3, LAST]})
"""
RULE = "/*\nexpect:\n  is_small: {sql: n < 10, on_fail: ON_FAIL}\n*/\nSELECT n FROM bronze.numbers\n"
TABLES = {
    "bronze/numbers.py": NUMBERS,
    "silver/held.sql": RULE.replace("ON_FAIL", "fail"),
    "silver/beside.sql": RULE.replace("ON_FAIL", "drop"),
    "gold/below.sql": "SELECT COUNT(*) AS n FROM silver.held",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Made once while all numbers were small, and again with one that is not. Read only."""
    root = tmp_path_factory.mktemp("step")
    made = Lake(root, tables=root / "tables")
    write(made, last=4)
    made.materialize("*")
    write(made, last=40)
    done = made.materialize("*", check=False)
    assert done.returncode != 0
    assert "is_small" in done.stderr
    return made


def write(lake: Lake, last: int) -> None:
    assert lake.tables is not None
    for name, text in TABLES.items():
        file = lake.tables / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("LAST", str(last)))


def test_a_broken_rule_publishes_nothing_and_stops_what_is_downstream(lake: Lake) -> None:
    assert lake.table("silver.held").version() == 0
    assert lake.table("gold.below").version() == 0
    assert sorted(row["n"] for row in lake.rows("silver.held")) == [1, 2, 3, 4]


def test_what_was_staged_for_a_refused_publish_is_gone(lake: Lake) -> None:
    assert len(list((lake.path / "silver/held").glob("staged-*/**/*.parquet"))) == 1


def test_siblings_go_on_and_drop_drops(lake: Lake) -> None:
    assert sorted(row["n"] for row in lake.rows("bronze.numbers")) == [1, 2, 3, 40]
    assert sorted(row["n"] for row in lake.rows("silver.beside")) == [1, 2, 3]
