"""A standalone Spark cluster on this machine: a master and two workers."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from odibi_dagster_tests.services.java import installed_java
from odibi_dagster_tests.services.kill import kill_tree
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.program import is_listening, program
from odibi_dagster_tests.services.spark import home

WORKERS = 2


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Args:
        url: of the master, "spark://127.0.0.1:PORT".
        ui: the master's own pages.
        workers: the ports of the workers' own pages, by which they are told apart.
    """

    url: str
    ui: str
    workers: tuple[int, ...]

    def kill_worker(self, number: int) -> None:
        """kill -9 of a worker and of its executors, which would outlive it."""
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "org.apache.spark.deploy.worker.Worker" in words and str(self.workers[number]) in words:
                kill_tree(process)
                return
        raise AssertionError(f"worker {number} is not running")

    def alive(self) -> int:
        """How many workers the master counts on."""
        with urllib.request.urlopen(f"{self.ui}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])


@contextmanager
def spark_cluster(folder: Path) -> Iterator[Cluster]:
    """A master and two workers of one core each, until the block ends."""
    installed_java()
    folder.mkdir(parents=True, exist_ok=True)
    port, ui, *pages = free_ports(2 + WORKERS)
    cluster = Cluster(f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{ui}", tuple(pages))
    env = {
        **os.environ,
        "SPARK_HOME": str(home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_MASTER_HOST": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }
    run = [str(home() / "bin/spark-class")]
    master = [*run, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
    master += ["--port", str(port), "--webui-port", str(ui)]
    worker = [*run, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1"]
    worker += ["--memory", "768m", cluster.url, "--webui-port"]
    with ExitStack() as stack:
        log = folder / "master.log"
        stack.enter_context(program(master, log, lambda: is_listening(port) and is_listening(ui), env))
        for number, page in enumerate(pages):
            log, wanted = folder / f"worker-{number}.log", number + 1

            def counted(wanted: int = wanted) -> bool:
                return cluster.alive() >= wanted

            stack.enter_context(program([*worker, str(page)], log, counted, env))
        yield cluster
