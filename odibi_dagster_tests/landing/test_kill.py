"""Killed at each point of opening and publishing, and run again: every file is in bronze exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from odibi_dagster.landing.pending import batches
from odibi_dagster_tests.landing.child import PLACES
from odibi_dagster_tests.landing.lake import Lake

POINTS = [f"{place}:{when}" for place in PLACES for when in ("before", "after")]


def child(lake: Lake, point: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "odibi_dagster_tests.landing.child", str(lake.root), point], check=False
    ).returncode


@pytest.mark.parametrize("point", POINTS)
def test_a_rerun_reads_the_same_batch_and_loses_and_doubles_nothing(lake: Lake, point: str) -> None:
    # The ledger is made by the first batch, folded by the third.
    finished = 0 if point.startswith("create") else 3 if point.startswith("fold") else 1
    for number in range(3 * finished + 5):
        lake.land(f"raw/day={number % 2}/{number:02} ü%.csv", modified=1_700_000_000 + number)
    for _ in range(finished):
        assert lake.run(max_files=3) is not None
    assert child(lake, point) == -signal.SIGKILL
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


@pytest.mark.parametrize("seed", range(int(os.environ.get("ODIBI_TORTURE", "2"))))
def test_two_processes_that_are_killed_at_random_lose_and_double_nothing(lake: Lake, seed: int) -> None:
    for number in range(60):
        lake.land(f"raw/{number}.csv", modified=1_700_000_000 + number)
    (lake.root / "go").touch()
    chance = random.Random(seed)
    for _ in range(3):
        racing = [
            subprocess.Popen(
                [sys.executable, "-m", "odibi_dagster_tests.landing.child", str(lake.root), "race"]
            )
            for _ in range(2)
        ]
        time.sleep(chance.uniform(0.7, 2.5))
        for process in racing:
            process.kill()
            process.wait()
    while lake.run(max_files=3) is not None:
        pass
    assert sorted(path for path, _ in lake.rows()) == sorted(f"raw/{number}.csv" for number in range(60))


@pytest.mark.parametrize("processes", [2, 8])
def test_racing_processes_put_every_file_into_exactly_one_batch(lake: Lake, processes: int) -> None:
    for number in range(30):
        lake.land(f"raw/{number}.csv", modified=1_700_000_000 + number)
    racing = [
        subprocess.Popen([sys.executable, "-m", "odibi_dagster_tests.landing.child", str(lake.root), "race"])
        for _ in range(processes)
    ]
    (lake.root / "go").touch()
    for number in range(30, 45):
        lake.land(f"raw/{number}.csv", modified=1_600_000_000 + number)
    assert [process.wait(timeout=240) for process in racing] == [0] * processes
    assert lake.run() is None
    assert sorted(path for path, _ in lake.rows()) == sorted(f"raw/{number}.csv" for number in range(45))
    summaries = batches(lake.ledger(), lake.done)
    assert [one.number for one in summaries] == list(range(1, len(summaries) + 1))
    assert {one.state for one in summaries} == {"in bronze"}
    assert sum(one.files for one in summaries) == 45 and all(one.left_out == 0 for one in summaries)
