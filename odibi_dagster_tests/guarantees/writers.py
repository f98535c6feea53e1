"""Writers that run in child processes and race on one table."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.place import Place

ROWS = 4
LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")


def publish_often(
    place: Place,
    root: str,
    kind: str,
    worker: int,
    workers: int,
    times: int,
    spark: Mapping[str, Any] | None = None,
    ahead: bool = True,
) -> None:
    """Publishes `times` results of four rows each, all of them marked with the worker and the turn.

    Files in `root` count lost races.

    Args:
        spark: an environment's section `spark:`, of what stages the results; None is the pandas engine.
        ahead: all is staged before anybody commits, so that the commits fall together; else one after the
            other, as runs do it.
    """
    from odibi_dagster.lake import publish as module
    from odibi_dagster.lake.publish import publish
    from odibi_dagster.lake.write import Identity, Write
    from odibi_dagster.storage.stores import use
    from odibi_dagster_tests.lake.table import Table
    from odibi_dagster_tests.stores import stores_of

    use(stores_of(place.server))

    real = module._commit

    def commit(*args: Any) -> Any:
        done = real(*args)
        if done is None:
            Path(root, f"conflict-{worker}-{time.monotonic_ns()}").touch()
        return done

    module._commit = commit
    table = Table(place)
    by = ["worker"] if kind == "partition" else []
    file = Path(root, f"spark-{worker}.yaml")
    with _by_spark(table, spark, file) if spark else nullcontext(_by_pandas(table)) as stage:
        first = stage(worker, 0, by)  # whatever is slow the first time
        results = iter([first, *(stage(worker, turn, by) for turn in range(1, times))] if ahead else [first])
        Path(root, f"ready-{worker}").touch()
        while len(list(Path(root).glob("ready-*"))) < workers:
            time.sleep(0.001)
        for turn in range(times):
            files = next(results, None) or stage(worker, turn, by)
            identity = Identity(f"w{worker}/{turn}", 1) if kind == "append" else None
            write = Write(table.name, table.url, kind, files, files.folders[0], identity=identity)
            publish(write)
            if identity:  # whoever is told of success late tries again
                assert publish(write).repeated


Stage = Callable[[int, int, list[str]], Any]


def _by_pandas(table: Any) -> Stage:
    def stage(worker: int, turn: int, by: list[str]) -> Any:
        rows = f"SELECT {worker}::INT AS worker, {turn}::INT AS turn, i AS place FROM range({ROWS}) r(i)"
        return table.stage(rows, by)

    return stage


@contextmanager
def _by_spark(table: Any, section: Mapping[str, Any], file: Path) -> Iterator[Stage]:
    """A driver of its own, a client of a Connect server or a JVM, as an environment file says it."""
    from odibi_dagster.engines.spark.engine import SparkEngine
    from odibi_dagster.environment import load_environment
    from odibi_dagster.spark import session
    from odibi_dagster.spark.resource import spark_resource

    store = table.root.server.store_section()
    layers = {layer: f"{table.root.url}/{layer}" for layer in LAYERS}
    environment = {"engine": "spark", "spark": section, "layers": layers, "stores": [store] if store else []}
    file.write_text(json.dumps(environment))
    settings = load_environment(str(file)).spark()
    engine = SparkEngine(spark=spark_resource(settings))  # type: ignore[arg-type]

    def stage(worker: int, turn: int, by: list[str]) -> Any:
        marks = f"CAST({worker} AS INT) AS worker, CAST({turn} AS INT) AS turn"
        text = f"SELECT {marks}, id AS place FROM range({ROWS})"
        with engine.session({}, table.url, table=table.name) as step:
            return step.stage(step.call(lambda: step.spark.sql(text)), by)

    try:
        yield stage
    finally:
        session.close()


def meddle(table: Place, done: str, by: list[str]) -> None:
    """A foreign writer: plain appends and compactions, until the file `done` is there; says how many rows."""
    from arro3.core import Array, DataType
    from arro3.core import Table as Arrow
    from deltalake import write_deltalake
    from deltalake.exceptions import CommitFailedError

    url, options = table.url, table.server.delta_options() or None
    turn = 0
    while not os.path.exists(done):
        try:
            if turn % 2:
                table.delta().optimize.compact()
            else:
                values: dict[str, Any] = {
                    "worker": Array([-1], DataType.int32()),
                    "turn": Array([turn], DataType.int32()),
                    "place": Array([0], DataType.int64()),
                }
                rows = Arrow.from_pydict(values)
                write_deltalake(url, rows, mode="append", partition_by=by or None, storage_options=options)
                with open(f"{done}.rows", "a") as file:
                    file.write(f"{turn}\n")
            turn += 1
        except CommitFailedError:
            pass
        time.sleep(random.uniform(0.02, 0.1))


def meddled(done: str) -> list[int]:
    """The turns that the foreign writer has appended."""
    path = Path(f"{done}.rows")
    return [int(line) for line in path.read_text().split()] if path.exists() else []
