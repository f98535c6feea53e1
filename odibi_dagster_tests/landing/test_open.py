from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from odibi_dagster.errors import StateError, TransientError
from odibi_dagster.landing import open as opening
from odibi_dagster.landing.ledger import Conflict, Ledger
from odibi_dagster_tests.landing.lake import ON_DISK, Lake, paths

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def test_nothing_pending_is_none_and_writes_nothing(lake: Lake) -> None:
    assert lake.open() is None
    assert not lake.ledger().exists
    lake.land("raw/a.csv")
    lake.run()
    version = lake.ledger().version
    assert lake.open() is None
    assert lake.ledger().version == version


def test_each_file_goes_into_one_batch(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.land("raw/b.csv")
    assert paths(lake.run()) == ["raw/a.csv", "raw/b.csv"]
    lake.land("raw/c.csv", modified=1_000_000)  # older than what was taken: no clock decides
    assert paths(lake.run()) == ["raw/c.csv"]
    assert lake.run() is None
    assert lake.rows() == [("raw/a.csv", 1), ("raw/b.csv", 1), ("raw/c.csv", 2)]


def test_replays_exactly_the_batch_that_is_not_in_bronze(lake: Lake) -> None:
    lake.land("raw/day=1/a b%.csv", "abc", modified=1_700_000_000.123456)
    first = lake.open(now=NOW)
    assert first is not None and first.landed_at == NOW
    lake.land("raw/later.csv")
    again = lake.open(now=NOW + timedelta(hours=1))
    assert again is not None
    assert (again.number, again.files, again.landed_at) == (1, first.files, NOW)
    (file,) = again.files
    assert (file.path, file.size, file.folder_values) == ("raw/day=1/a b%.csv", 3, {"day": "1"})
    if lake.place.server.provider == "local":
        assert file.modified == datetime.fromtimestamp(1_700_000_000, UTC) + timedelta(microseconds=123456)
        assert file.etag is None  # a local one holds the inode
    else:
        assert file.etag
    lake.publish(again)
    assert paths(lake.open()) == ["raw/later.csv"]


@ON_DISK
def test_is_bounded_by_files_oldest_first(lake: Lake) -> None:
    for name, age in (("c", 30), ("b", 20), ("a", 20), ("d", 10)):
        lake.land(f"raw/{name}.csv", modified=2_000_000 - age)
    taken = []
    while (batch := lake.run(max_files=2)) is not None:
        taken.append([file.path for file in batch.files])
    assert taken == [["raw/c.csv", "raw/a.csv"], ["raw/b.csv", "raw/d.csv"]]


def test_is_bounded_by_bytes_and_a_larger_file_is_a_batch_of_its_own(lake: Lake) -> None:
    for order, (name, size) in enumerate((("a", 4), ("b", 6), ("c", 100), ("d", 1))):
        lake.land(f"raw/{name}.csv", "x" * size, modified=1_000_000 + order)
    taken = []
    while (batch := lake.run(max_bytes=10)) is not None:
        taken.append(paths(batch))
    assert taken == [["raw/a.csv", "raw/b.csv"], ["raw/c.csv"], ["raw/d.csv"]]


def test_unsettled_files_wait(lake: Lake) -> None:
    lake.land("raw/a.csv")
    assert lake.open(settle=60) is None
    assert paths(lake.open(settle=60, now=datetime.now(UTC) + timedelta(seconds=61))) == ["raw/a.csv"]


def test_a_changed_file_is_not_taken_again(lake: Lake) -> None:
    lake.land("raw/a.csv", "old", modified=1_000_000)
    lake.run()
    lake.land("raw/a.csv", "new", modified=2_000_000)
    assert lake.run() is None
    assert lake.rows() == [("raw/a.csv", 1)]
    assert lake.pending().changed_paths == ("raw/a.csv",)


def test_many_changes_at_once_stop_the_source_until_they_are_accepted(lake: Lake) -> None:
    for number in range(100):
        lake.land(f"raw/{number:03}.csv", modified=1_000_000)
    lake.run()
    for number in range(19):
        lake.land(f"raw/{number:03}.csv", "new", modified=2_000_000)
    lake.land("raw/new.csv")
    assert paths(lake.run()) == ["raw/new.csv"]  # 19 are few
    for number in range(50, 70):
        lake.land(f"raw/{number:03}.csv", "new", modified=2_000_000)
    lake.land("raw/newer.csv")
    with pytest.raises(
        StateError, match=r"20 of 101 files .* changed at once, such as 'raw/050.csv'"
    ) as caught:
        lake.run()
    assert "accept_changed: true" in caught.value.remedy
    assert lake.pending().stopped is not None
    assert paths(lake.run(accept_changed=True)) == ["raw/newer.csv"]
    lake.land("raw/newest.csv")
    assert paths(lake.run()) == ["raw/newest.csv"]  # what was accepted is not counted again
    assert lake.pending().changed == 39


def test_changes_are_accepted_by_a_run_that_has_nothing_else_to_do(lake: Lake) -> None:
    for number in range(20):
        lake.land(f"raw/{number}.csv", modified=1_000_000)
    lake.run()
    for number in range(20):
        lake.land(f"raw/{number}.csv", "new", modified=2_000_000)
    with pytest.raises(StateError, match="20 of 20"):
        lake.run()
    assert lake.run(accept_changed=True) is None
    assert lake.run() is None and lake.pending().changed == 20
    lake.land("raw/new.csv")
    batch = lake.run()
    assert paths(batch) == ["raw/new.csv"] and batch is not None and batch.number == 2


@ON_DISK
def test_five_per_cent_of_many_files_may_change(lake: Lake) -> None:
    for number in range(500):
        lake.land(f"raw/{number:03}.csv", modified=1_000_000)
    lake.run()
    lake.land("raw/new.csv")
    for number in range(25):
        lake.land(f"raw/{number:03}.csv", modified=2_000_000)
    assert paths(lake.run()) == ["raw/new.csv"]
    lake.land("raw/newer.csv")
    for number in range(26):
        lake.land(f"raw/{number:03}.csv", modified=3_000_000)
    with pytest.raises(StateError, match="26 of 501"):
        lake.run()


def test_a_removed_ledger_stops(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.run()
    lake.ledger_place.remove()
    with pytest.raises(StateError, match=r"another ledger.*\n.*the ledger is missing"):
        lake.run()
    other = lake.ledger()
    other.create()
    with pytest.raises(StateError, match=r"another ledger.*\n.*its id is another"):
        lake.run()
    assert lake.rows() == [("raw/a.csv", 1)]


def test_a_removed_bronze_stops(lake: Lake) -> None:
    for name in "ab":
        lake.land(f"raw/{name}.csv")
        lake.run()
    lake.bronze.remove()
    with pytest.raises(StateError, match="ledger is at batch 2, the table at batch 0") as caught:
        lake.run()
    assert "remove the table and the ledger, both" in caught.value.remedy.replace("  ", " ")
    lake.ledger_place.remove()  # what the remedy says
    assert paths(lake.run()) == ["raw/a.csv", "raw/b.csv"]


def test_an_older_copy_of_the_ledger_stops(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "pause", lambda attempt: None)
    backup = lake.place / "backup"
    lake.land("raw/a.csv")
    lake.run()
    lake.ledger_place.copy(backup)
    lake.land("raw/b.csv")
    lake.run()
    lake.ledger_place.remove()
    backup.copy(lake.ledger_place)
    with pytest.raises(StateError, match="table is at batch 2, its ledger only at batch 1"):
        lake.run()


def test_bronze_restored_to_an_older_version_by_copy_stops(lake: Lake) -> None:
    backup = lake.place / "backup"
    for name in "abc":
        lake.land(f"raw/{name}.csv")
        lake.run()
        if name == "a":
            lake.bronze.copy(backup)
    lake.bronze.remove()
    backup.copy(lake.bronze)
    with pytest.raises(StateError, match="ledger is at batch 3, the table at batch 1"):
        lake.run()


def test_others_who_move_both_between_two_looks_are_no_error(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is read, then others open and publish two batches, then bronze is asked."""
    lake.land("raw/a.csv")
    lake.run()
    asked: list[str] = []

    def done(app: str) -> int | None:
        asked.append(app)
        if len(asked) == 1:
            for name in "bc":
                lake.land(f"raw/{name}.csv")
                lake.run()
            lake.land("raw/d.csv")
        return lake.done(app)

    batch = opening.open_batch(lake.source(), lake.ledger(), done, NOW)
    assert batch is not None and batch.number == 4 and paths(batch) == ["raw/d.csv"]


@ON_DISK
def test_gives_up_when_others_keep_winning(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.land("raw/a.csv")

    def loses(self: Ledger, *args: object) -> None:
        raise Conflict("lost")

    monkeypatch.setattr(Ledger, "append", loses)
    monkeypatch.setattr(opening, "pause", lambda attempt: None)
    with pytest.raises(TransientError, match="changed by others"):
        lake.open()


@ON_DISK
def test_ten_thousand_files_quickly(lake: Lake) -> None:
    os.makedirs(f"{lake.landing}/raw")
    for number in range(10_000):
        open(f"{lake.landing}/raw/{number} ü%.csv", "w").close()
    started = time.monotonic()
    batch = lake.open()
    assert batch is not None and len(batch.files) == 10_000
    lake.publish(batch)
    assert lake.open() is None
    assert time.monotonic() - started < 5  # measured: 0.9 s


def test_loads_neither_pandas_nor_pyarrow(lake: Lake) -> None:
    lake.land("raw/a.csv")
    (lake.root / "lake.pickle").write_bytes(pickle.dumps(lake))
    code = (
        "import pickle, sys; from pathlib import Path; from odibi_dagster.storage.stores import use;"
        "from odibi_dagster_tests.stores import stores_of;"
        f"lake = pickle.loads(Path({str(lake.root)!r}, 'lake.pickle').read_bytes());"
        "use(stores_of(lake.place.server)); assert lake.run() and lake.pending();"
        "assert not {'pandas', 'pyarrow', 'pyspark', 'boto3', 'azure'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_ledger_is_a_delta_table_anybody_can_read(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.run()
    table = lake.ledger_place.delta()
    assert table.metadata().name == "bronze.orders" and table.count() == 1
