"""The engine over Spark Connect does what it does elsewhere, and asks for nothing that Connect has not."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

import odibi_dagster
from odibi_dagster.build import build_defs
from odibi_dagster.project import load_project
from odibi_dagster.reliability.classify import classify
from odibi_dagster.spark import connect as connecting
from odibi_dagster.spark import session
from odibi_dagster_tests.lakes import rows_of
from odibi_dagster_tests.services.place import LocalDisk, Place, Server
from odibi_dagster_tests.services.spark import Connect, connect_server

PACKAGE = Path(odibi_dagster.__file__).parent
LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")
TABLES = {
    "bronze/orders.yaml": """
from: landing
path: orders/*.csv
format: csv
schema: {order_id: bigint, product_id: bigint, amount: "decimal(10,2)", region: string}
""",
    "bronze/clicks.yaml": """
from: landing
path: clicks/*.json
format: json
schema: {order_id: bigint, at: timestamp, tags: array<string>}
""",
    "bronze/products.yaml": "from: landing\npath: products/*.parquet\nformat: parquet\nkind: full\n",
    "silver/orders.sql": """/*
expect:
  amount_is_positive: {sql: amount > 0, on_fail: drop}
  product_is_known: {references: {product_id: bronze.products.product_id}, on_fail: drop}
  order_id_is_unique: {unique: [order_id], on_fail: fail}
*/
SELECT order_id, product_id, amount, region FROM bronze.orders
""",
    "silver/regions.sql": """/*
kind: partition
partition_by: [region]
*/
SELECT region, COUNT(*) AS orders, SUM(amount) AS amount FROM silver.orders GROUP BY region
""",
    "silver/seen.sql": """/*
kind: append
*/
SELECT MAX(_batch) AS batch, COUNT(*) AS clicks, MAX(at) AS last FROM bronze.clicks
""",
    "silver/strict.sql": """/*
expect:
  amount_is_small: {sql: amount < 5, on_fail: fail}
*/
SELECT order_id, amount FROM bronze.orders
""",
    "gold/lazy.py": """
import narwhals as nw

def lazy(silver_orders: nw.LazyFrame) -> nw.LazyFrame:
    return silver_orders.with_columns(twice=nw.col("order_id") * 2).filter(nw.col("amount") > 2)
""",
    "gold/few.py": """
import pandas as pd

def few(silver_regions: pd.DataFrame) -> pd.DataFrame:
    return silver_regions.assign(orders=silver_regions["orders"] + 1)
""",
}
#: Only Spark has these frames.
OWN = """
from pyspark.sql import DataFrame, functions as F

def own(silver_orders: DataFrame) -> DataFrame:
    return silver_orders.where(F.col("amount") > 2).withColumn("twice", F.col("order_id") * 2)
"""


class Project:
    """One lake, and an environment for each engine.

    Args:
        folder: for definitions.
        server: where the layers are.
        remote: the Connect server's URL.
    """

    def __init__(self, folder: Path, server: Server, remote: str) -> None:
        self.folder, self.place = folder, Place(server, server.url())
        layers = {layer: f"{self.place.url}/{layer}" for layer in LAYERS}
        common: dict[str, Any] = {"layers": layers, "settle": "0s", "retry": {"max_retries": 0}}
        if section := server.store_section():
            common["stores"] = [section]
        spark = {"name": "spark", "pandas_rows": 100}
        self._write("spark.yaml", json.dumps({**common, "engine": spark, "spark": {"remote": remote}}))
        self._write("pandas.yaml", json.dumps({**common, "engine": "pandas"}))
        for name, text in TABLES.items():
            self._write(f"tables/{name}", text)

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def define(self, name: str, text: str) -> None:
        self._write(f"tables/{name}", text)

    def forget(self, name: str) -> None:
        (self.folder / "tables" / name).unlink()

    def land(self, batch: int) -> None:
        """A file for each source; the same number gives the same rows."""
        landing = self.place / "landing"
        first = batch * 100
        regions = ["a/b ü", "x y", "", "100%"]
        lines = [f"{first + n},{n % 3},{n - 1}.50,{regions[n % 4]}" for n in range(8)]
        landing.write(f"orders/{batch}.csv", "\n".join(["order_id,product_id,amount,region", *lines]) + "\n")
        clicks = [
            {"order_id": first + n, "at": f"2024-01-0{n + 1}T00:00:00Z", "tags": ["é"] * n} for n in range(3)
        ]
        landing.write(f"clicks/{batch}.json", "\n".join(json.dumps(click) for click in clicks))
        if batch == 1:
            file = self.folder / "products.parquet"
            duckdb.connect().sql(f"COPY (SELECT range AS product_id FROM range(2)) TO '{file}'")
            landing.write("products/all.parquet", file.read_bytes())

    def run(self, engine: str, *keys: str) -> dg.ExecuteInProcessResult:
        """All tables, or some, in this process."""
        defs = build_defs(load_project(str(self.folder / f"{engine}.yaml"), self.folder / "tables"))
        selection = [dg.AssetKey(key.split(".")) for key in keys] or None
        job = defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(raise_on_error=False, asset_selection=selection)

    def rows(self, key: str) -> list[str]:
        """A table's rows, without the instant of their run and the folder of their lake."""
        table = (self.place / key.replace(".", "/")).delta()
        return sorted(
            repr(sorted((name, value) for name, value in row.items() if name != "_landed_at"))
            for row in rows_of(table)
        )


def _failed(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.step_key for event in result.all_events if event.is_step_failure and event.step_key]


@pytest.mark.parametrize(
    ("store", "engines"),
    [("local", ("spark", "pandas")), ("azurite", ("pandas", "spark"))],
    indirect=["store"],
)
def test_all_kinds_and_formats(
    store: Server,
    engines: tuple[str, str],
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two runs on two engines, the one after the other, leave what two runs of one leave."""
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")  # so that it is gone afterwards
    mixed, plain = (Project(tmp_path / name, store, connect.url) for name in ("mixed", "plain"))
    for batch, engine in enumerate(engines, 1):
        for project, by in ((mixed, engine), (plain, "pandas")):
            project.land(batch)
            if by == "spark":
                project.define("gold/own.py", OWN)
            assert _failed(project.run(by)) == ["silver__strict"]
            if by == "spark":
                project.forget("gold/own.py")
    for key in sorted(name.partition(".")[0].replace("/", ".") for name in TABLES):
        if key != "silver.strict":
            assert mixed.rows(key) == plain.rows(key) != [], key
    assert len(mixed.rows("silver.seen")) == 2 and len(mixed.rows("bronze.orders")) == 16
    assert len(mixed.rows("silver.regions")) == 4
    own = set(mixed.rows("gold.own"))
    assert own and own <= set(mixed.rows("gold.lazy"))


def test_a_large_table_is_not_brought_to_this_process(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
    project = Project(tmp_path / "p", LocalDisk(str(tmp_path)), connect.url)
    project.define(
        "bronze/many.py",
        "import narwhals as nw\n\ndef many(spark) -> nw.LazyFrame:\n"
        "    return nw.from_native(spark.spark_session.range(101).toDF('id'))\n",
    )
    project.define(
        "gold/all_of_it.py",
        "import pandas as pd\n\ndef all_of_it(bronze_many: pd.DataFrame) -> pd.DataFrame:\n"
        "    return bronze_many\n",
    )
    result = project.run("spark", "bronze.many", "gold.all_of_it")
    assert _failed(result) == ["gold__all_of_it"]


DEADLY = """
import pathlib, psutil
from pyspark.sql import DataFrame

def deadly(silver_orders: DataFrame) -> DataFrame:
    once = pathlib.Path({once!r})
    for process in psutil.process_iter(["cmdline"]) if not once.exists() else ():
        if "spark.connect.grpc.binding.port={port}" in (process.info["cmdline"] or []):
            process.kill()
            process.wait()
    once.touch()
    return silver_orders
"""


def test_a_server_that_dies_in_mid_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step fails in seconds and says what to do; the next run finds the new server and is whole."""
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
    monkeypatch.setattr(connecting, "_ATTEMPTS", 3)
    tables = ("bronze.orders", "bronze.products", "silver.orders", "gold.deadly")
    session.hold()  # as a process that makes several runs
    try:
        with connect_server(tmp_path / "first") as server:
            port = int(server.url.rpartition(":")[2])
            project = Project(tmp_path / "p", LocalDisk(str(tmp_path)), server.url)
            project.define("gold/deadly.py", DEADLY.format(once=str(tmp_path / "once"), port=port))
            project.land(1)
            result = project.run("spark", *tables)
            assert _failed(result) == ["gold__deadly"]
            (failure,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
            assert classify(failure.error) in ("transient", "unreachable")
            assert "Spark went away" in failure.error.to_string()
        assert not (Path(project.place.url) / "gold").exists()
        with connect_server(tmp_path / "second", port=port):
            assert project.run("spark", *tables).success
    finally:
        session.release()
    assert len(project.rows("bronze.orders")) == 8
    assert project.rows("gold.deadly") == project.rows("silver.orders") != []


def test_neither_context_nor_jvm_nor_rdd() -> None:
    """Connect has none of them; only what starts a session of our own in this process may ask for them."""
    own = {"spark/session.py", "spark/resource.py"}
    doomed = {"sparkContext", "spark_context", "_sc", "_jvm", "_jsc", "_jdf", "rdd", "_jsparkSession"}
    found = []
    for folder in ("engines/spark", "spark", "assets", "lake", "sql"):
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            if file.relative_to(PACKAGE).as_posix() in own:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in doomed:
                    found.append(f"{file.name}:{node.lineno}: {node.attr}")
    assert found == []
