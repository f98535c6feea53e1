from __future__ import annotations

from odibi_dagster.landing.batch import Batch
from odibi_dagster.landing.note import Note, unreadable
from odibi_dagster.landing.record import note, park
from odibi_dagster.landing.replay import Replayed
from odibi_dagster_tests.landing.lake import Lake, paths


def opened(lake: Lake) -> Batch:
    batch = lake.open()
    assert batch is not None
    return batch


def test_what_was_left_out_comes_with_the_next_batch_once(lake: Lake) -> None:
    """A process may end between any two of these lines; the next one begins where it ended."""
    for name in "abc":
        lake.land(f"raw/{name}.csv", modified=1_000_000)
    batch = note(opened(lake), unreadable({"raw/b.csv": "a decoder was missing"}))
    assert lake.replay() == Replayed(("raw/b.csv",), (), ())  # before the batch is in bronze
    lake.publish(batch)
    assert lake.pending().files == 1
    assert lake.replay() == Replayed((), ("raw/b.csv",), ())  # said again
    assert paths(lake.open()) == paths(lake.open()) == ["raw/b.csv"]
    assert lake.run() is not None
    assert lake.run() is None and lake.replay() == Replayed((), (), ())
    assert lake.rows() == [("raw/a.csv", 1), ("raw/b.csv", 2), ("raw/c.csv", 1)]


def test_a_parked_batch_comes_again_and_can_be_parked_again(lake: Lake) -> None:
    lake.land("raw/a.csv", modified=1_000_000)
    for number in (1, 2):
        lake.publish(park(note(opened(lake), {}), "a rule"))
        assert lake.run() is None
        assert lake.replay(batch=number + 1) == Replayed((), (), ())
        assert lake.replay(batch=number) == Replayed(("raw/a.csv",), (), ())
    assert paths(lake.run()) == ["raw/a.csv"]
    assert lake.rows() == [("raw/a.csv", 3)]


def test_only_the_files_that_are_named_and_those_that_are_there(lake: Lake) -> None:
    for name in "abcd":
        lake.land(f"raw/{name}.csv", modified=1_000_000)
    batch = opened(lake)
    notes = {f"raw/{name}.csv": Note("unreadable", "broken") for name in "bcd"}
    lake.publish(note(batch, notes))
    lake.take("raw/d.csv")
    assert lake.replay(files="raw/{a,c,d}.csv") == Replayed(("raw/c.csv",), (), ("raw/d.csv",))
    assert paths(lake.run()) == ["raw/c.csv"]
    assert lake.rows() == [("raw/a.csv", 1), ("raw/c.csv", 2)]
