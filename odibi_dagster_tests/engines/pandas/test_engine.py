"""Limits and failures: clear errors, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from odibi_dagster.engines.pandas import share
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.pandas.failures import translate
from odibi_dagster.errors import ResourceError, SqlError, StorageError
from odibi_dagster.sql import parse_query
from odibi_dagster_tests.engines.pandas.lake import Lake

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SORT = "SELECT range AS id, md5(range::VARCHAR) || md5((range * 3)::VARCHAR) AS text FROM range({n})"


def limited(tmp_path: Path, **limits: str) -> Lake:
    spill = tmp_path / "spill"
    return Lake(tmp_path / "lake", PandasEngine(threads=1, spill=str(spill), **limits))


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_spilling_works_inside_the_jail_and_is_cleaned(tmp_path: Path) -> None:
    lake = limited(tmp_path, memory_limit="150MB")
    with lake.session() as session:
        session.connection.execute(f"CREATE TEMP TABLE big AS {SORT.format(n=2_000_000)}")
        session.connection.execute(f"CREATE TEMP TABLE more AS {SORT.format(n=2_000_000)}")
        spilled = sum(path.stat().st_size for path in files(tmp_path / "spill"))
        assert spilled > 50_000_000
    assert files(tmp_path / "spill") == [] and list((tmp_path / "spill").iterdir()) == []


def test_the_spill_limit_is_named(tmp_path: Path) -> None:
    lake = limited(tmp_path, memory_limit="100MB", spill_limit="20MB")
    with pytest.raises(StorageError, match=r"(?s)the spill limit is reached.*`spill_limit`") as caught:
        lake.stage(f"SELECT text, count(*) AS n FROM ({SORT.format(n=3_000_000)}) GROUP BY text")
    assert "silver.out" in str(caught.value)
    assert files(tmp_path) == []


def test_the_memory_limit_is_named(tmp_path: Path) -> None:
    lake = limited(tmp_path, memory_limit="100MB")
    with pytest.raises(ResourceError, match=r"(?s)the memory limit is reached.*`memory_limit`.*`spill`"):
        lake.stage("SELECT string_agg(md5(range::VARCHAR)) AS text FROM range(10000000)")
    assert files(tmp_path) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    # /dev/full refuses every byte as a full disk does.
    with pytest.raises(duckdb.Error) as caught:
        duckdb.connect().sql("COPY (SELECT range FROM range(1000000)) TO '/dev/full' (FORMAT csv)")
    error = translate(caught.value, "The result cannot be written", table="silver.out")
    assert isinstance(error, StorageError) and "the disk is full" in str(error)
    full = translate(OSError(28, "No space left on device"), "It fails", table="x")
    assert isinstance(full, StorageError) and "disk is full" in str(full)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    lake = limited(tmp_path)
    lake.root.parent.mkdir(parents=True, exist_ok=True)
    lake.root.write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        lake.stage("SELECT 1 AS id")
    denied = translate(PermissionError(13, "Permission denied"), "It fails", table="x", url="/data")
    assert isinstance(denied, StorageError) and "may not be written" in str(denied)


def test_a_session_that_writes_nothing_makes_no_folder(lake: Lake) -> None:
    with lake.session() as session:
        assert session.aggregate(
            session.call(lambda: session.connection.sql("SELECT 1 AS a")), {"n": "count(*)"}
        )
    assert not lake.root.exists()


def test_sql_reads_its_inputs(lake: Lake) -> None:
    staged = lake.stage("SELECT range::INTEGER AS id, (range / 4)::DECIMAL(10,2) AS amount FROM range(8)")
    query = parse_query(
        "SELECT id % 2 AS odd, SUM(amount) AS total, CURRENT_TIMESTAMP() AS at "
        "FROM silver.out GROUP BY id % 2",
        file="gold/x.sql",
        table="gold.x",
    )
    with lake.session({"silver.out": lake.files(staged)}, table="gold.x") as session:
        relation = session.sql(query, now=NOW)
        assert [str(c.type) for c in relation.schema] == ["int", "decimal(20,2)", "timestamp"]
        assert relation.lineage["total"] == (("silver.out", "amount"),)
        again = session.stage(relation)
        assert again.rows == 2 and again.schema == relation.schema
        rows = session.staged(again).native.fetchall()
        assert {row[2] for row in rows} == {NOW}
    unknown = parse_query("SELECT idd FROM silver.out", file="gold/x.sql", table="gold.x")
    with lake.session({"silver.out": lake.files(staged)}) as session, pytest.raises(SqlError, match="id"):
        session.sql(unknown, now=NOW)


def test_concurrent_steps_share_the_limits(tmp_path: Path) -> None:
    assert share.memory("4GB", 2) == "2.000GB" and share.memory("4GB", 1) == "4GB"
    assert share.memory(None, 1) is None and share.memory(None, 2) == "40%"
    assert share.threads(4, 2) == 2 and share.threads(1, 8) == 1 and share.threads(None, 1) is None
    assert share.threads(None, 2) == max(1, (os.cpu_count() or 1) // 2)
    lake = Lake(tmp_path, PandasEngine(memory_limit="1GiB", threads=4, concurrent_steps=2))
    with lake.session() as session:
        found = session.connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()
    assert found == [("512.0 MiB", 2)]
    unlimited = Lake(tmp_path, PandasEngine(concurrent_steps=2))
    with unlimited.session() as session:
        assert session.connection is not None


def test_it_is_a_dagster_resource(tmp_path: Path) -> None:
    @dg.asset
    def made(engine: PandasEngine) -> str:
        with engine.session({}, str(tmp_path / "t"), table="gold.made") as session:
            return str(session.stage(session.call(lambda: session.connection.sql("SELECT 1 AS id"))).rows)

    result = dg.materialize([made], resources={"engine": PandasEngine(threads=1)})
    assert result.output_for_node("made") == "1"


def test_the_load_path_stays_light() -> None:
    code = (
        "import sys, odibi_dagster.engines.pandas.engine as e; e.PandasEngine()\n"
        "heavy = ('pandas', 'duckdb', 'deltalake', 'pyspark', 'narwhals', 'numpy')\n"
        "print([module for module in heavy if module in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
