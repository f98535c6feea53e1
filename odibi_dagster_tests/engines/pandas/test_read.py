"""Pinned versions are read with exactly their log's schema and partition values."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import arro3.core as arro3
import pytest
from deltalake import DeltaTable, write_deltalake

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.protocol import DataFile, TableFiles
from odibi_dagster.errors import StorageError
from odibi_dagster.sql.types import BIGINT, DOUBLE, STRING, TIMESTAMP, Array, Column, Decimal, Struct
from odibi_dagster_tests.engines.pandas.lake import Lake


def test_a_column_that_a_file_lacks_is_null(lake: Lake) -> None:
    old = lake.stage("SELECT 1::INTEGER AS id")
    new = lake.stage("SELECT 'x' AS name, 2::BIGINT AS id, 1.5::DECIMAL(12,4) AS amount")
    schema = (
        Column("id", BIGINT),
        Column("name", STRING),
        Column("amount", Decimal(12, 4)),
        Column("later", TIMESTAMP),
    )
    files = TableFiles("silver.out", old.table_url, 3, schema, (), (*old.files, *new.files))
    with lake.session({"silver.out": files}) as session:
        relation = session.read("silver.out")
        assert relation.schema == schema
        rows = sorted(relation.native.fetchall())
    assert [(row[0], row[1], row[3]) for row in rows] == [(1, None, None), (2, "x", None)]
    assert relation.lineage["id"] == (("silver.out", "id"),)


def test_a_table_without_files(lake: Lake) -> None:
    files = TableFiles("silver.out", lake.url("silver.out"), 0, (Column("id", BIGINT),), (), ())
    assert lake.rows(files) == []


def test_a_value_that_does_not_fit_is_an_error(lake: Lake) -> None:
    staged = lake.stage("SELECT 'x' AS id")
    files = TableFiles("silver.out", staged.table_url, 0, (Column("id", BIGINT),), (), staged.files)
    with pytest.raises(Exception, match="Could not convert string 'x' to INT64"):
        lake.rows(files)


def nan_table(home: Path) -> TableFiles:
    """A table as other writers leave it: their statistics do not count NaN."""
    values = arro3.Array([1.0, math.nan, 5.0, -0.0], type=arro3.DataType.float64())
    write_deltalake(str(home), arro3.Table({"f": values}))
    (path,) = [Path(uri).name for uri in DeltaTable(str(home)).file_uris()]
    return TableFiles("silver.f", str(home), 0, (Column("f", DOUBLE),), (), (DataFile(path, 0, 4),))


def test_nan_in_files_of_other_writers(lake: Lake) -> None:
    files = nan_table(lake.root / "f")
    with lake.session({"silver.f": files}) as session:
        relation = session.read("silver.f")
        counts = session.aggregate(
            relation,
            {
                "greater": "count(*) FILTER (WHERE f > 5)",
                "max": "max(f)",
                "sign": "count(*) FILTER (WHERE f::VARCHAR = '-0.0')",
            },
        )[0]
        assert counts["greater"] == 1 and math.isnan(counts["max"]) and counts["sign"] == 1
        for condition in ("f > 5", "isnan(f)", "f = 'nan'::DOUBLE"):
            found = session.query(f"SELECT count(*) AS n FROM t WHERE {condition}", {"t": relation})
            assert found == [{"n": 1}], condition


def test_the_nan_trap_is_there_without_the_guard(lake: Lake) -> None:
    # The control: as soon as this fails, DuckDB has learned to distrust such statistics.
    files = nan_table(lake.root / "f")
    ours = dataclasses.replace(files, files=(DataFile("staged-x/y", 0, 4),))
    assert ours.files[0].path.startswith("staged-")
    import duckdb

    path = f"{files.url}/{files.files[0].path}"
    assert duckdb.connect().sql(f"SELECT count(*) FROM read_parquet('{path}') WHERE f > 5").fetchall() == [
        (0,)
    ]


@pytest.mark.parametrize("home", ["a=b", "k=other", "with [x] and *", "with blank", "ümlaut'quote"])
def test_any_folder_name(tmp_path: Path, home: str) -> None:
    lake = Lake(tmp_path / home / "lake", PandasEngine(threads=1))
    staged = lake.stage("SELECT 1 AS id, 'v' AS k UNION ALL SELECT 2, NULL", ("k",))
    assert sorted(lake.rows(lake.files(staged))) == [(1, "v"), (2, None)]
    with lake.session() as session:
        relation = session.call(
            lambda: session.connection.sql("SELECT 1 AS id, 'v' AS k UNION ALL SELECT 2, NULL")
        )
        staged = session.stage(relation, ("k",))
        rows = session.staged(staged).native.fetchall()
        assert {(row[0], row[1]) for row in rows} == {(1, "v"), (2, None)}
        assert {row[2] for row in rows} == {file.path for file in staged.files}
        kept = session.drop(staged, "id = 1")
        assert [row[:2] for row in session.staged(kept).native.fetchall()] == [(2, None)]


def test_the_log_decides_over_the_path(lake: Lake) -> None:
    staged = lake.stage("SELECT 1 AS id, 'path' AS k", ("k",))
    values = ["log", "__HIVE_DEFAULT_PARTITION__", "a/b=c%20", "NULL", None, ""]
    for value in values:
        files = lake.files(staged)
        files = dataclasses.replace(
            files, files=(dataclasses.replace(files.files[0], partition={"k": value}),)
        )
        assert lake.rows(files) == [(1, value or None)], value


def test_a_missing_file_is_named(lake: Lake) -> None:
    staged = lake.stage("SELECT 1 AS id")
    Path(f"{staged.table_url}/{staged.files[0].path}").unlink()
    with pytest.raises(StorageError, match=r"(?s)silver\.out is missing.*vacuumed"):
        lake.rows(lake.files(staged))


def test_nested_floats_of_other_writers_are_guarded(lake: Lake) -> None:
    from odibi_dagster.engines.pandas.read import guarded

    assert "random()" in guarded("x", Struct((Column("f", Array(DOUBLE)),)))
    assert guarded("x", Array(BIGINT)) == "x"


def test_other_inputs_are_not_there(lake: Lake) -> None:
    with lake.session() as session, pytest.raises(KeyError):
        session.read("silver.other")
