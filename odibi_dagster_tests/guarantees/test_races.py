"""Several writers on one table, and on one source: nothing lost, nothing doubled, nobody hangs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import REMOTE, on_stores
from odibi_dagster_tests.guarantees.processes import finish, run, said, start_run
from odibi_dagster_tests.guarantees.race import COLUMNS, appended, identities, race, writes
from odibi_dagster_tests.guarantees.writers import ROWS
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.spark import SMALL, Connect

RACES = [(2, 5, False), (8, 2, False), (3, 4, True)]


def on_places(remote: tuple[int, int, bool]) -> pytest.MarkDecorator:
    """All races on the local disk, one on each other store."""
    places = [("local", *race) for race in RACES] + [(store, *remote) for store in REMOTE]
    return pytest.mark.parametrize(("store", "workers", "times", "foreign"), places, indirect=["store"])


@on_places((8, 2, True))
def test_appends_are_all_there_once(
    table: Table, tmp_path: Path, workers: int, times: int, foreign: bool
) -> None:
    strange = race(table, tmp_path, "append", workers, times, foreign)
    assert writes(table.rows(COLUMNS)) == appended(workers, times, foreign, strange)


def test_two_drivers_of_spark_two_processes_and_a_foreign_writer(
    table: Table, store: Server, tmp_path: Path, connect: Connect
) -> None:
    """On the local disk one driver is a client of a server, the other has a JVM of its own."""
    client, driver = {"remote": connect.url}, {"master": "local[1]", "config": SMALL}
    drivers = [client, driver if store.provider == "local" else client]
    strange = race(table, tmp_path, "append", 4, 4, True, spark=drivers, limit=600)
    assert list(tmp_path.glob("conflict-*")), "it was no race"
    assert writes(table.rows(COLUMNS)) == appended(4, 4, True, strange)
    assert identities(table) == {f"w{worker}/{turn}": 1 for worker in range(4) for turn in range(4)}


@on_places((3, 2, True))
def test_partitions_are_each_their_writers_last(
    table: Table, tmp_path: Path, workers: int, times: int, foreign: bool
) -> None:
    strange = race(table, tmp_path, "partition", workers, times, foreign)
    ours = {(worker, times - 1): ROWS for worker in range(workers)}
    theirs = {(-1, turn): 1 for turn in strange}
    before = {(-2, 0): ROWS} if foreign else {}
    assert writes(table.rows(COLUMNS)) == Counter({**ours, **theirs, **before})


@on_places((3, 2, True))
def test_full_results_are_whole_in_every_version(
    table: Table, tmp_path: Path, workers: int, times: int, foreign: bool
) -> None:
    strange = race(table, tmp_path, "full", workers, times, foreign)
    versions = range(table.log().version + 1)
    for version in versions:
        found = writes(table.rows(COLUMNS, version))
        ours = {write: count for write, count in found.items() if write[0] != -1}
        assert list(ours.values()) == [ROWS], f"version {version} holds {ours}"
        theirs = {write: count for write, count in found.items() if write[0] == -1}
        assert set(theirs) <= {(-1, turn) for turn in strange} and set(theirs.values()) <= {1}
    assert len(versions) >= workers * times


@pytest.mark.parametrize(
    ("lakes", "workers"),
    [("local", 2), ("local", 8), ("azurite", 3), ("seaweedfs", 3)],
    indirect=["lakes"],
)
def test_runs_of_one_source_while_files_arrive(lake: Lake, workers: int) -> None:
    stop = threading.Event()

    def deliver() -> None:
        number = 10
        while not stop.is_set():
            lake.land(number, orders=5)
            number += 1
            time.sleep(0.3)

    courier = threading.Thread(target=deliver)
    courier.start()
    children = [start_run(lake, select=["bronze.orders"]) for _ in range(workers)]
    try:
        codes = [finish(child) for child in children]
    finally:
        stop.set()
        courier.join()
    assert codes == [0] * workers, said(lake)
    run(lake)
    assert lake.wrong() == []
    batches = {batch for (batch,) in lake.rows("bronze.orders", "_batch")}
    assert batches == set(range(1, max(batches) + 1))


@on_stores(["local", "seaweedfs"])
def test_two_runs_of_everything_at_once(lake: Lake, never_killed: Lake) -> None:
    children = [start_run(lake) for _ in range(2)]
    assert [finish(child) for child in children] == [0, 0], said(lake)
    assert lake.tables() == never_killed.tables()
