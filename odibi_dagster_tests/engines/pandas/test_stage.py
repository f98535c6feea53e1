"""Staged files: sizes, folders, partitions, errors."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from odibi_dagster.engines import partitions
from odibi_dagster.engines.pandas import stage
from odibi_dagster.errors import DataError
from odibi_dagster.sql.types import BIGINT, INT, STRING, Column
from odibi_dagster_tests.engines.pandas.lake import Lake, ask

VALUES = [
    "plain", "a b", "a/b", "a\\b", "ü", "100%", "%2F", "NULL", "null", "__HIVE_DEFAULT_PARTITION__", "a=b",
    "x\ny",    "01", "a+b", "😀", ".", "..", "é\u0301", "a:b?*\"'#", "[x]", "{a,b}", " ", "~",
]  # fmt: skip


def literal(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def test_one_file_whatever_the_threads(lake: Lake) -> None:
    staged = lake.stage("SELECT range AS id, md5(range::VARCHAR) AS text FROM range(400000)")
    assert len(staged.files) == 1
    assert staged.rows == 400_000
    (file,) = staged.files
    assert file.path.split("/")[0] == staged.folders[0]
    assert file.path.count("/") == 1
    assert file.size == os.path.getsize(f"{staged.table_url}/{file.path}")


def test_files_are_cut_at_the_size(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "FILE_SIZE", "4MB")
    staged = lake.stage("SELECT range AS id, md5(range::VARCHAR) AS text FROM range(1000000)")
    assert 2 <= len(staged.files) <= 8
    assert staged.rows == 1_000_000


def test_no_rows_leave_nothing(lake: Lake) -> None:
    for by in ((), ("day",)):
        staged = lake.stage("SELECT 1 AS id, DATE '2024-01-01' AS day WHERE false", by)
        assert staged.files == ()
        assert [path for path in Path(staged.table_url).rglob("*") if path.is_file()] == []
        assert [column.name for column in staged.schema] == ["id", "day"]


def test_partition_values_survive_every_reader(lake: Lake) -> None:
    rows = [*VALUES, None]
    sql = (
        "SELECT * FROM (VALUES "
        + ", ".join(f"({i}, {literal(v)})" for i, v in enumerate(rows))
        + ") t(id, k)"
    )
    staged = lake.stage(sql, ("k",))
    assert {file.partition["k"] for file in staged.files} == set(rows)
    table = lake.publish(staged)
    expected = dict(enumerate(rows))
    assert dict(lake.rows(lake.files(staged))) == expected
    assert {row["id"]: row["k"] for row in ask(table, "SELECT id, k FROM t")} == expected
    for number, value in expected.items():
        found = ask(
            table, f"SELECT id FROM t WHERE k {'IS NULL' if value is None else '= ' + literal(value)}"
        )
        assert [row["id"] for row in found] == [number]


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("DATE", [date(2024, 2, 29), date(1, 1, 1), None]),
        ("DECIMAL(10,2)", [Decimal("1.50"), Decimal("-0.01"), Decimal("12345678.90"), None]),
        ("BIGINT", [0, -(2**63), 2**63 - 1, None]),
        ("INTEGER", [0, -5, None]),
        ("BOOLEAN", [True, False, None]),
    ],
)
def test_typed_partition_values(lake: Lake, type: str, values: list[object]) -> None:
    def text(value: object) -> str:
        return "NULL" if value is None else f"'{value}'"

    cells = ", ".join(f"({i}, CAST({text(v)} AS {type}))" for i, v in enumerate(values))
    staged = lake.stage(f"SELECT * FROM (VALUES {cells}) t(id, k)", ("k",))
    table = lake.publish(staged)
    expected = dict(enumerate(values))
    assert dict(lake.rows(lake.files(staged))) == expected
    assert {row["id"]: row["k"] for row in ask(table, "SELECT id, k FROM t")} == expected


def test_two_partition_columns_and_a_name_with_a_blank(lake: Lake) -> None:
    staged = lake.stage("SELECT 1 AS id, 'x' AS \"the key\", 7 AS k", ("k", "the key"))
    assert staged.files[0].partition == {"k": "7", "the key": "x"}
    assert lake.rows(lake.files(staged)) == [(1, "x", 7)]


def test_an_empty_partition_value_is_refused(lake: Lake) -> None:
    with pytest.raises(DataError, match="Partition column 'k' holds an empty string"):
        lake.stage("SELECT 1 AS id, '' AS k", ("k",))
    assert [path for path in (lake.root / "silver").rglob("*") if path.is_file()] == []


def test_a_partition_value_that_is_no_folder(lake: Lake) -> None:
    with pytest.raises(DataError, match="too long"):
        lake.stage("SELECT 1 AS id, repeat('é', 100) AS k", ("k",))


@pytest.mark.parametrize(
    "sql", ["SELECT 1 AS id, 1.5::DOUBLE AS k", "SELECT 1 AS id, [1] AS k", "SELECT 1 AS k"]
)
def test_what_cannot_be_partitioned_by(lake: Lake, sql: str) -> None:
    with pytest.raises(DataError, match="cannot be partitioned this way"):
        lake.stage(sql, ("k",))


def test_the_schema_is_checked_and_ordered(lake: Lake) -> None:
    schema = (Column("b", STRING), Column("a", INT))
    with lake.session() as session:
        relation = session.call(lambda: session.connection.sql("SELECT 1 AS a, 'x' AS b"))
        staged = session.stage(relation, (), schema)
        assert [column.name for column in staged.schema] == ["b", "a"]
        assert session.staged(staged).native.fetchall()[0][:2] == ("x", 1)
        with pytest.raises(DataError) as caught:
            session.stage(relation, (), (Column("a", BIGINT), Column("c", STRING)))
    assert "column 'a' is int, expected bigint" in str(caught.value)
    assert "column 'c' (string) is missing" in str(caught.value)
    assert "column 'b' (string) is not expected" in str(caught.value)


def test_a_failing_query_leaves_no_file(lake: Lake) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        lake.stage("SELECT CAST(if(range < 300000, '1', 'x') AS INTEGER) AS id FROM range(300001)")
    assert [path for path in (lake.root / "silver").rglob("*") if path.is_file()] == []


def test_timestamps_keep_their_kind(lake: Lake) -> None:
    staged = lake.stage(
        "SELECT TIMESTAMPTZ '2024-01-01 10:00:00.123456+02' AS at, TIMESTAMP '2024-01-01' AS plain"
    )
    assert [str(column.type) for column in staged.schema] == ["timestamp", "timestamp_ntz"]
    with lake.session() as session:
        path = f"{staged.table_url}/{staged.files[0].path}"
    import duckdb

    kinds = (
        duckdb.connect()
        .sql(f"SELECT name, logical_type FROM parquet_schema('{path}') WHERE type IS NOT NULL")
        .fetchall()
    )
    assert "isAdjustedToUTC=1" in kinds[0][1] and "MICROS" in kinds[0][1]
    assert "isAdjustedToUTC=0" in kinds[1][1] and "MICROS" in kinds[1][1]
    assert session is not None


def test_many_files_are_told(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partitions, "MANY_FILES", 3)
    lake.stage("SELECT range AS id, range AS k FROM range(4)", ("k",))
    assert "4 files in one write" in caplog.text
