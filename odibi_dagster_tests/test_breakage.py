"""What a user breaks is told: what, where, and how to mend it; and what was published before stays."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from odibi_dagster_tests.lakes import Lake

SOURCE = """from: landing
path: raw/*.csv
format: csv
kind: append
schema: {id: bigint, amount: "decimal(10,2)", day: date}
"""
SQL = "SELECT id, amount, day FROM bronze.events WHERE amount > 0\n"
GOOD = "id,amount,day\n1,10.50,2026-11-01\n2,3.10,2026-11-02\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path, tables=tmp_path / "tables")
    for layer in ("bronze", "silver", "gold"):
        (tmp_path / "tables" / layer).mkdir(parents=True)
    write(lake, "bronze/events.yaml", SOURCE)
    write(lake, "silver/events.sql", SQL)
    land(lake, "a.csv", GOOD)
    return lake


def write(lake: Lake, name: str, text: str) -> None:
    assert lake.tables
    (lake.tables / name).write_text(text)


def land(lake: Lake, name: str, content: str | bytes) -> None:
    folder = lake.landing / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def told(lake: Lake, *command: str) -> str:
    """What a failing command says; without a traceback."""
    done = lake.run("odibi-dagster", *command, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "silver/events.sql",
            "SELECT id,\n  amuont FROM bronze.events\n",
            ["events.sql:2", "amuont", "amount"],
        ),
        ("silver/events.sql", "SELECT id,\nFROM bronze.events\n", ["events.sql:2"]),
        ("silver/events.sql", "SELECT soundex(id) AS s FROM bronze.events\n", ["events.sql:1", "soundex"]),
        (
            "silver/events.sql",
            "SELECT id FROM bronze.evnts\n",
            ["events.sql:1", "bronze.evnts", "bronze.events"],
        ),
        (
            "silver/events.sql",
            "/*\nkind: full\nexpct: {}\n*/\nSELECT id FROM bronze.events\n",
            ["events.sql:3", "expect"],
        ),
        ("bronze/events.yaml", SOURCE + "formt: csv\n", ["events.yaml:6", "format"]),
    ],
)
def test_a_table_file_that_cannot_be_meant(lake: Lake, name: str, text: str, words: list[str]) -> None:
    write(lake, name, text)
    said = told(lake, "check")
    for word in words:
        assert word in said, said


def test_a_missing_input_says_which_table_to_materialize(lake: Lake) -> None:
    said = told(lake, "run", "silver.events")
    assert "bronze.events has never been published" in said
    assert "key:bronze/events" in said


def test_a_typo_in_a_header_names_file_and_column(lake: Lake) -> None:
    lake.run("odibi-dagster", "run")
    land(lake, "b.csv", GOOD.replace("amount", "amuont"))
    said = told(lake, "run")
    assert "raw/b.csv" in said
    assert "did you mean 'amount'" in said
    assert len(lake.rows("bronze.events")) == 2


def test_a_failing_expectation_publishes_nothing_and_stops_what_follows(lake: Lake) -> None:
    lake.run("odibi-dagster", "run")
    write(lake, "silver/events.sql", "/*\nexpect:\n  small: {sql: amount < 5}\n*/\n" + SQL)
    write(lake, "gold/total.sql", "SELECT SUM(amount) AS total FROM silver.events\n")
    said = told(lake, "run")
    assert "small: 1 violation" in said
    assert "on_fail: drop" in said
    assert lake.table("silver.events").version() == 0
    assert not (lake.path / "gold" / "total").exists()


def test_an_unreadable_file_is_left_out_loudly(lake: Lake) -> None:
    land(lake, "b.csv.gz", gzip.compress(GOOD.encode())[:-9])
    write(lake, "bronze/events.yaml", SOURCE.replace("*.csv", "*"))
    done = lake.run("odibi-dagster", "run")
    assert len(lake.rows("bronze.events")) == 2
    assert "raw/b.csv.gz is unreadable" in done.stdout + done.stderr
    assert "raw/b.csv.gz" in lake.run("odibi-dagster", "landing").stdout


def test_a_file_with_other_columns_is_left_out_loudly(lake: Lake) -> None:
    land(lake, "b.csv", GOOD.replace("amount", "amuont"))
    done = lake.run("odibi-dagster", "run")
    assert len(lake.rows("bronze.events")) == 2
    assert "raw/b.csv is unreadable" in done.stdout + done.stderr
    assert "did you mean 'amount'" in lake.run("odibi-dagster", "landing").stdout


def test_a_schema_change_shows_the_difference(lake: Lake) -> None:
    lake.run("odibi-dagster", "run")
    write(
        lake,
        "silver/events.sql",
        "SELECT id, CAST(amount AS DECIMAL(12,2)) AS amount, day FROM bronze.events\n",
    )
    said = told(lake, "run", "silver.events")
    assert "amount: decimal(10,2) in the table, decimal(12,2) in the result" in said


def test_partitions_are_replaced_one_by_one(lake: Lake) -> None:
    write(
        lake,
        "silver/events.sql",
        "/*\nkind: partition\npartition_by: [day]\n"
        "partitions:\n  daily: {start: 2026-11-01, column: day}\n*/\n"
        "SELECT id, amount, day FROM bronze.events WHERE day >= :partition_start AND day < :partition_end\n",
    )
    lake.run("odibi-dagster", "run", "bronze.events")
    lake.materialize("key:silver/events", "--partition", "2026-11-01")
    assert [row["id"] for row in lake.rows("silver.events")] == [1]
    lake.materialize("key:silver/events", "--partition-range", "2026-11-01...2026-11-03")
    assert sorted(row["id"] for row in lake.rows("silver.events")) == [1, 2]
    lake.materialize("key:silver/events", "--partition", "2026-11-02")
    assert sorted(row["id"] for row in lake.rows("silver.events")) == [1, 2]
