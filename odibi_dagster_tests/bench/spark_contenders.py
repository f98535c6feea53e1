"""The platform on Spark beside plain PySpark with delta-spark: in sessions of their own, and over Connect."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import yaml
from rich.console import Console

from odibi_dagster_tests.bench.contenders import EMPTY, PLATFORM, Bench
from odibi_dagster_tests.bench.measure import Measured, measure
from odibi_dagster_tests.bench.same import same_work
from odibi_dagster_tests.bench.tree import watched
from odibi_dagster_tests.services.spark import connect_server

PLAIN = "plain PySpark, delta-spark"
#: Where Spark is: in a new JVM of the contender's own, or a server that is there and has worked before.
LOCAL, CONNECT = WAYS = ("local", "Connect, warm")
Runs = dict[tuple[str, str], list[Measured]]


@dataclass(frozen=True)
class SparkBench:
    """One size on Spark.

    Args:
        bench: its landed files, and room for results.
        remote: the Connect server's URL; None starts a session of its own.
    """

    bench: Bench
    remote: str | None = None

    def prepare(self) -> None:
        """Writes the environment in which the platform finds Spark, and the plain script."""
        self._environment({"preset": "local"})
        arguments = ("--environment", self.bench.environment, "--landing", self.bench.landing)
        module = "odibi_dagster_tests.bench.spark_script"
        self._python("-m", module, *map(str, arguments), "--script", self._script)
        if self.remote:
            self._environment({"remote": self.remote})

    def run(self, contender: str) -> Measured:
        """Runs one contender from nothing to the last table; memory and seconds are of all its processes."""
        shutil.rmtree(self.bench.results, ignore_errors=True)
        with watched() as tree:
            if contender == PLAIN:
                remote = [self.remote] if self.remote else []
                module = "odibi_dagster_tests.bench.spark_plain"
                ran = self._python("-m", module, self._script, str(self.bench.results), *remote)
            else:
                ran = self.bench.run(contender)
        return replace(ran, cpu=tree.cpu, peak=tree.peak)

    @property
    def _script(self) -> str:
        return str(self.bench.folder / f"spark-{self.bench.orders}.json")

    def _environment(self, spark: dict[str, str]) -> None:
        given = yaml.safe_load(self.bench.environment.read_text())
        self.bench.environment.write_text(
            yaml.safe_dump({**given, "engine": {**given["engine"], "name": "spark"}, "spark": spark})
        )

    def _python(self, *arguments: str) -> Measured:
        return measure([sys.executable, *arguments], env=self.bench.env, cwd=self.bench.folder / "log")


def compete(bench: Bench, rounds: int, console: Console) -> Runs:
    """The contenders in turns, first each with a session of its own, then on one server.

    A server has run both once, unmeasured, before it counts as warm.

    Raises:
        RuntimeError: one failed, or the platform's rows or counted violations are not the plain script's.
    """
    runs: Runs = {}
    bench.prepare()
    try:
        for way, place in ((LOCAL, _local), (CONNECT, _server)):
            with place(bench) as at:
                at.prepare()
                names = [PLATFORM, PLAIN, *([EMPTY] if way == LOCAL else [])]
                if way == CONNECT:
                    for name in names:
                        at.run(name)
                for number in range(rounds):
                    for name in names:
                        ran = at.run(name)
                        runs.setdefault((way, name), []).append(ran)
                        console.print(
                            f"{bench.orders:,} orders, Spark {way}, round {number + 1}: {name} "
                            f"{ran.seconds:.1f} s (load {os.getloadavg()[0]:.1f})",
                            style="dim",
                        )
                        if name == PLATFORM and number == 0:
                            published = bench.count()
            same_work(json.loads(published), json.loads(runs[way, PLAIN][0].output), PLAIN)
    finally:
        bench.clean()
    return runs


@contextmanager
def _local(bench: Bench) -> Iterator[SparkBench]:
    yield SparkBench(bench)


@contextmanager
def _server(bench: Bench) -> Iterator[SparkBench]:
    """A Connect server with the settings of the platform's own session."""
    script = json.loads((bench.folder / f"spark-{bench.orders}.json").read_text())
    same = ("spark.driver.memory", "spark.driver.extraJavaOptions", "spark.sql.", "spark.databricks.")
    own = {key: value for key, value in script["settings"].items() if key.startswith(same)}
    with connect_server(bench.folder / "server", own) as server:
        yield SparkBench(bench, server.url)
    shutil.rmtree(bench.folder / "server", ignore_errors=True)
