"""A standalone cluster loses a worker, or its driver, in the middle of a write: old or new, each row once."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Set
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import finish, said, start_run
from odibi_dagster_tests.services.kill import kill_tree
from odibi_dagster_tests.services.spark import JAVA, SMALL
from odibi_dagster_tests.services.spark_cluster import spark_cluster

#: Eight tasks on two cores; each row is some work, which nothing can do once for all of them.
SLOW = '''"""
kind: append
"""
from pyspark.sql import DataFrame


def slow(bronze_orders: DataFrame) -> DataFrame:
    work = "aggregate(sequence(order_id, order_id + 200000), 0L, (sum, each) -> sum + each) AS work"
    return bronze_orders.repartition(8, "order_id").selectExpr("order_id", work)
'''
CONFIG = {
    **SMALL,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": JAVA,
}


def test_a_driver_and_a_worker_die_in_the_middle_of_a_write(lake: Lake, tmp_path: Path) -> None:
    lake.define("silver/slow.py", SLOW)
    with spark_cluster(tmp_path / "cluster") as cluster:
        lake = lake.on_spark(master=cluster.url, config=CONFIG)
        driver = start_run(lake, select=["silver.slow"])
        half_written(lake, driver)
        kill(driver)
        assert not lake.table("silver.slow").paths("_delta_log"), "no table yet"
        orphans = set(data_files(lake))
        driver = start_run(lake, select=["silver.slow"])
        half_written(lake, driver, orphans)
        cluster.kill_worker(0)
        assert finish(driver, 300) == 0, said(lake)
    assert lake.rows("silver.slow", "order_id") == lake.rows("bronze.orders", "order_id")
    published = set(lake.table("silver.slow").delta().file_uris())
    root = Path(lake.url("silver.slow"))
    found = {str(root / path) for path in data_files(lake)}
    assert published == found - {str(root / path) for path in orphans}, "what the dead worker began is gone"


def half_written(lake: Lake, driver: BaseProcess, orphans: Set[str] = frozenset()) -> None:
    """Waits until some tasks have written their files and others have begun theirs."""
    deadline = time.monotonic() + 240
    while len(set(data_files(lake)) - orphans) < 3:
        assert driver.is_alive() and time.monotonic() < deadline, said(lake)
        time.sleep(0.02)
    dead = {path.split("/")[0] for path in orphans}
    logs = [path for path in lake.table("silver.slow").paths() if re.search("_delta_log/.*[.]json$", path)]
    assert {path.split("/")[0] for path in logs} <= dead, "Spark has not committed what it writes"


def data_files(lake: Lake) -> list[str]:
    """The data files below the table, in a log or not."""
    return [path for path in lake.table("silver.slow").paths() if path.endswith(".parquet")]


def kill(driver: BaseProcess) -> None:
    """kill -9 of a driver and of its JVM."""
    assert driver.pid is not None
    kill_tree(psutil.Process(driver.pid))
    driver.join()
    assert driver.exitcode == -signal.SIGKILL
