"""The plain PySpark script does the work of plain DuckDB's; the table of what was measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from rich.console import Console

from odibi_dagster.demo import generate
from odibi_dagster_tests.bench import plain, spark_plain, spark_table
from odibi_dagster_tests.bench.contenders import EMPTY, PLATFORM
from odibi_dagster_tests.bench.measure import Measured, measure
from odibi_dagster_tests.bench.same import same_work
from odibi_dagster_tests.bench.script import script
from odibi_dagster_tests.bench.spark_contenders import PLAIN, WAYS
from odibi_dagster_tests.bench.spark_script import script as spark_script
from odibi_dagster_tests.bench.tree import watched

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_both_plain_scripts_do_the_same_work(tmp_path: Path, spark: SparkSession) -> None:
    generate(tmp_path, orders=2_000)
    connection, told = duckdb.connect(), script(tmp_path)
    for statement in told["start"]:
        connection.execute(statement)
    by_duckdb = {
        table["name"]: plain.make(connection, table, tmp_path / "duckdb" / table["name"], plain.copy)
        for table in told["tables"]
    }
    own = spark.newSession()
    by_spark = {
        table["key"]: spark_plain.make(own, table, f"{tmp_path}/spark/{table['name']}")
        for table in spark_script("local-spark", tmp_path)["tables"]
    }
    assert by_duckdb["silver.orders"]["amount_is_positive"] > 0
    same_work(by_spark, by_duckdb, "plain DuckDB")  # type: ignore[arg-type]
    same_work(by_duckdb, by_spark, "plain PySpark")  # type: ignore[arg-type]


def test_memory_and_seconds_are_of_all_processes(tmp_path: Path) -> None:
    grandchild = "import time; held = bytearray(60_000_000); time.sleep(0.5)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}], check=True)"
    with watched() as tree:
        measure([sys.executable, "-c", f"held = bytearray(60_000_000); {child}"], env={}, cwd=tmp_path)
    assert tree.peak > 120_000_000
    assert tree.cpu > 0


@pytest.mark.parametrize(("seconds", "told"), [(13.0, "1.10 x"), (24.0, "2.20 x")])
def test_an_empty_run_is_set_aside(seconds: float, told: str) -> None:
    ran = {PLATFORM: seconds, PLAIN: 10.0, EMPTY: 2.0}
    runs = {(way, name): [Measured(each, each, 2**30, "")] for way in WAYS for name, each in ran.items()}
    console = Console(record=True, width=200)
    spark_table.show(1_000, 1, runs, console)
    assert console.export_text().count(f"{told} plain PySpark") == len(WAYS)
