"""Spark for all tests: one session of this process, and one Spark Connect server, both with Delta."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from odibi_dagster.spark.fetch import fetch
from odibi_dagster.spark.jars import verified
from odibi_dagster_tests.services.java import installed_java
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.program import is_listening, program

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Small and quick to start: tests ask short questions.
JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
MEMORY = "1g"
#: What makes a session of the platform as small.
SMALL = {
    "spark.driver.memory": MEMORY,
    "spark.driver.extraJavaOptions": JAVA,
    "spark.sql.shuffle.partitions": "2",
}


def home() -> Path:
    """Where pyspark's own Spark is."""
    import pyspark

    return Path(pyspark.__file__).parent


def settings(folder: Path) -> dict[str, str]:
    """What a small Spark with Delta needs, said by hand: no code of the platform has a hand in it.

    Args:
        folder: for what Spark writes beside the tables.
    """
    return {
        "spark.jars": ",".join(verified(fetch())),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": MEMORY,
        "spark.driver.extraJavaOptions": JAVA,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": f"file:{folder}/warehouse",
        "spark.local.dir": f"{folder}/local",
    }


@contextmanager
def spark_session(folder: Path) -> Iterator[SparkSession]:
    """This process's Spark session, on two threads, until the block ends.

    The platform finds its context and works in sessions of their own in it.
    """
    from pyspark.sql import SparkSession

    installed_java()
    with _variables({"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}):
        builder = SparkSession.builder.master("local[2]").appName("tests")
        session = builder.config(map=settings(folder)).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


@dataclass(frozen=True)
class Connect:
    """A running Spark Connect server.

    Args:
        url: for `remote`, "sc://127.0.0.1:PORT".
        log: what it said.
    """

    url: str
    log: Path


@contextmanager
def connect_server(
    folder: Path, more: Mapping[str, str] = MappingProxyType({}), port: int | None = None
) -> Iterator[Connect]:
    """A Spark Connect server with Delta on two threads, until the block ends.

    Args:
        folder: for what it writes beside the tables.
        more: settings that win over the small ones.
        port: where another was before; None is a free one.
    """
    installed_java()
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_ports(1)[0]
    wanted = {
        **settings(folder),
        **more,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    command = [str(home() / "bin/spark-submit"), "--master", "local[2]"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    for key, value in wanted.items():
        command += ["--conf", f"{key}={value}"]
    env = {**os.environ, "SPARK_HOME": str(home()), "SPARK_LOCAL_IP": "127.0.0.1"}
    log = folder / "connect.log"
    with program([*command, "spark-internal"], log, lambda: is_listening(port), env):
        yield Connect(f"sc://127.0.0.1:{port}", log)


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
