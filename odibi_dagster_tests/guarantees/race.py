"""A race of writers on one table, and what must be true of it afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from odibi_dagster.storage.stores import using
from odibi_dagster_tests.guarantees.processes import LIMIT, finish, start
from odibi_dagster_tests.guarantees.writers import ROWS, meddle, meddled, publish_often
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import LocalDisk, Place, Server
from odibi_dagster_tests.services.spark import SMALL
from odibi_dagster_tests.stores import stores_of

COLUMNS = "worker, turn, place"


def race(
    table: Table,
    root: Path,
    kind: str,
    workers: int,
    times: int,
    foreign: bool,
    *,
    spark: Sequence[Mapping[str, Any]] = (),
    ahead: bool = True,
    limit: float = LIMIT,
) -> list[int]:
    """All at once; returns the turns of the foreign writer.

    Args:
        spark: what the first workers stage with: sections `spark:`, for each a driver of its own.
        ahead: see `publish_often`.
        limit: seconds that one writer may take.
    """
    if foreign:  # it appends to a table that is there
        first = "SELECT -2::INT AS worker, 0::INT AS turn, i AS place FROM range(4) AS r(i)"
        table.publish(first, kind, ["worker"] if kind == "partition" else [])
    done = str(root / "done")
    meddler = start(meddle, table.place, done, ["worker"] if kind == "partition" else []) if foreign else None
    engines = [*spark, *[None] * (workers - len(spark))]
    children = [
        start(publish_often, table.root, str(root), kind, worker, workers, times, engine, ahead)
        for worker, engine in enumerate(engines)
    ]
    codes = [finish(child, limit) for child in children]
    Path(done).touch()
    codes += [finish(meddler)] if meddler else []
    assert codes == [0] * len(codes)
    assert workers < 8 or list(root.glob("conflict-*")), "it was no race"
    return meddled(done)


def writes(rows: list[tuple[Any, ...]]) -> Counter[tuple[int, int]]:
    """How many rows each write has."""
    return Counter((worker, turn) for worker, turn, _ in rows)


def appended(workers: int, times: int, foreign: bool, strange: Sequence[int]) -> Counter[tuple[int, int]]:
    """The rows that a race of appends must leave."""
    ours = {(worker, turn): ROWS for worker in range(workers) for turn in range(times)}
    theirs = {(-1, turn): 1 for turn in strange}
    before = {(-2, 0): ROWS} if foreign else {}
    return Counter({**ours, **theirs, **before})


def identities(table: Table) -> Counter[str]:
    """How many commits of the log's whole history carry each writer's identity."""
    found: Counter[str] = Counter()
    for version in range(table.log().version + 1):
        found.update(txn["appId"] for txn in table.actions(version, "txn") if txn["appId"].startswith("w"))
    return found


def race_of_engines(server: Server | None, folder: Path, remote: str, times: int) -> bool:
    """Whether all that two drivers of Spark, two processes and a foreign writer append is there once.

    Args:
        server: where the table is; None is the local disk.
        folder: a folder to be made.
        remote: the Spark Connect server of one driver; the other has a JVM of its own.
        times: how often each appends.
    """
    folder.mkdir()
    server = server or LocalDisk(str(folder / "disk"))
    with using(stores_of(server)):
        table = Table(Place(server, server.url()))
        drivers: list[dict[str, Any]] = [{"remote": remote}, {"master": "local[1]", "config": SMALL}]
        limit = 60.0 + 60.0 * times
        strange = race(table, folder, "append", 4, times, True, spark=drivers, ahead=False, limit=limit)
        once = identities(table) == {f"w{worker}/{turn}": 1 for worker in range(4) for turn in range(times)}
        right = once and writes(table.rows(COLUMNS)) == appended(4, times, True, strange)
        met = len(list(folder.glob("conflict-*")))
        print(f"{4 * times} appends beside {len(strange)} foreign ones, {table.log().version + 1} versions,")
        print(f"{met} commits met another:", "all there once" if right else "WRONG", flush=True)
    return right
