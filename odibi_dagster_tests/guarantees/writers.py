"""Writers that run in child processes and race on one table."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.place import Place

ROWS = 4


def publish_often(place: Place, root: str, kind: str, worker: int, workers: int, times: int) -> None:
    """Publishes `times` results of four rows each, all of them marked with the worker and the turn.

    All is staged before anybody commits, so that the commits fall together; files in `root` count lost races.
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
    staged = [
        table.stage(
            f"SELECT {worker}::INT AS worker, {turn}::INT AS turn, i AS place FROM range({ROWS}) r(i)", by
        )
        for turn in range(times)
    ]
    Path(root, f"ready-{worker}").touch()
    while len(list(Path(root).glob("ready-*"))) < workers:
        time.sleep(0.001)
    for turn, files in enumerate(staged):
        identity = Identity(f"w{worker}/{turn}", 1) if kind == "append" else None
        write = Write(table.name, table.url, kind, files, files.folders[0], identity=identity)
        publish(write)
        if identity:  # whoever is told of success late tries again
            assert publish(write).repeated


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
