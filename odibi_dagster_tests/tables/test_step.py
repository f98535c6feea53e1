"""A table's step: a broken rule stops the publish of its table and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.lakes import Lake

TABLES = {
    "bronze/numbers.py": (
        "import pandas as pd\n\n\ndef numbers() -> pd.DataFrame:\n    return pd.DataFrame({'n': [1, 2, 3, LAST]})\n"
    ),
    "silver/held.sql": "/*\nexpect:\n  is_small: {sql: n < 10}\n*/\nSELECT n FROM bronze.numbers",
    "silver/beside.sql": "/*\nexpect:\n  is_small: {sql: n < 10, on_fail: drop}\n*/\nSELECT n FROM bronze.numbers",
    "gold/below.sql": "SELECT COUNT(*) AS n FROM silver.held",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path, tables=tmp_path / "tables")
    write(made, last=4)
    made.materialize("*")
    return made


def write(lake: Lake, last: int) -> None:
    assert lake.tables is not None
    for name, text in TABLES.items():
        file = lake.tables / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("LAST", str(last)))


def test_a_broken_rule_publishes_nothing_and_stops_what_is_downstream(lake: Lake) -> None:
    write(lake, last=40)
    done = lake.materialize("*", check=False)
    assert done.returncode != 0
    assert "is_small" in done.stderr
    versions = {key: lake.table(key).version() for key in ("silver.held", "gold.below")}
    assert versions == {"silver.held": 0, "gold.below": 0}
    assert sorted(row["n"] for row in lake.rows("silver.held")) == [1, 2, 3, 4]
    files = list((lake.path / "silver/held").glob("staged-*/**/*.parquet"))
    assert len(files) == 1, "what was staged for the refused publish is gone"


def test_siblings_go_on_and_drop_drops(lake: Lake) -> None:
    write(lake, last=40)
    lake.materialize("*", check=False)
    assert sorted(row["n"] for row in lake.rows("bronze.numbers")) == [1, 2, 3, 40]
    assert sorted(row["n"] for row in lake.rows("silver.beside")) == [1, 2, 3]
