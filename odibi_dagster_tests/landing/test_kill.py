"""Killed at each point of opening and publishing, and run again: every file is in bronze exactly once."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from odibi_dagster.landing.pending import batches
from odibi_dagster_tests.guarantees.processes import finish, start
from odibi_dagster_tests.landing.child import PLACES, race, step
from odibi_dagster_tests.landing.lake import REMOTE, Lake

POINTS = [f"{place}:{when}" for place in PLACES for when in ("before", "after")]
#: Before a place is after the one before it: on stores, the moments when something has just been written.
WRITTEN = ["create:after", "opened:after", "fold:after", "noted:after", "published:after"]
EVERYWHERE = [*(("local", point) for point in POINTS), *((store, p) for store in REMOTE for p in WRITTEN)]


@pytest.mark.parametrize(("store", "point"), EVERYWHERE, indirect=["store"])
def test_a_rerun_reads_the_same_batch_and_loses_and_doubles_nothing(lake: Lake, point: str) -> None:
    # The ledger is made by the first batch, folded by the third.
    finished = 0 if point.startswith("create") else 3 if point.startswith("fold") else 1
    for number in range(3 * finished + 5):
        lake.land(f"raw/day=1/{number:02} ü%.csv", modified=1_700_000_000 + number)
    for _ in range(finished):
        assert lake.run(max_files=3) is not None
    assert finish(start(step, lake, point)) == -signal.SIGKILL
    summaries = batches(lake.ledger(), lake.done)
    opened = [one.number for one in summaries if one.state == "open"]
    lake.land("raw/late.csv", modified=1_600_000_000)  # older than all: must not slip into an open batch
    again = lake.open(max_files=3)
    assert again is not None
    if opened:
        assert opened == [again.number]
        expected = [f"{n:02}" for n in range(3 * finished, 3 * finished + 3)]
        assert [file.path[10:12] for file in again.files] == expected
    while lake.run(max_files=3) is not None:
        pass
    files = [path for path, _ in lake.rows()]
    assert len(files) == len(set(files)) == 3 * finished + 6
    numbers = sorted({batch for _, batch in lake.rows()})
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("seed", range(int(os.environ.get("ODIBI_TORTURE", "1"))))
def test_two_processes_that_are_killed_at_random_lose_and_double_nothing(lake: Lake, seed: int) -> None:
    for number in range(30):
        lake.land(f"raw/{number:02}.csv", modified=1_700_000_000 + number)
    (lake.root / "go").touch()
    chance = random.Random(seed)
    for _ in range(3):
        racing = [start(race, lake) for _ in range(2)]
        time.sleep(chance.uniform(0.2, 1.2))
        for process in racing:
            process.kill()
            process.join()
    while lake.run(max_files=3) is not None:
        pass
    assert twice_or_lost(lake, 30) == []


def twice_or_lost(lake: Lake, files: int) -> list[tuple[str, list[int]]]:
    """The files that are not in bronze exactly once, each with the batches that brought it."""
    brought: dict[str, list[int]] = {f"raw/{number:02}.csv": [] for number in range(files)}
    for path, batch in lake.rows():
        brought[path].append(batch)
    return [(path, numbers) for path, numbers in brought.items() if len(numbers) != 1]


RACES = [("local", 2), ("local", 8), *((store, 3) for store in REMOTE)]


@pytest.mark.parametrize(("store", "processes"), RACES, indirect=["store"])
def test_racing_processes_put_every_file_into_exactly_one_batch(lake: Lake, processes: int) -> None:
    files = 30 if lake.place.server.provider == "local" else 12
    for number in range(files):
        lake.land(f"raw/{number:02}.csv", modified=1_700_000_000 + number)
    racing = [start(race, lake) for _ in range(processes)]
    (lake.root / "go").touch()
    for number in range(files, files + 15):
        lake.land(f"raw/{number:02}.csv", modified=1_600_000_000 + number)
    assert [finish(process) for process in racing] == [0] * processes
    assert lake.run() is None
    files += 15
    assert twice_or_lost(lake, files) == []
    summaries = batches(lake.ledger(), lake.done)
    assert [one.number for one in summaries] == list(range(1, len(summaries) + 1))
    assert {one.state for one in summaries} == {"in bronze"}
    assert sum(one.files for one in summaries) == files and all(one.left_out == 0 for one in summaries)
