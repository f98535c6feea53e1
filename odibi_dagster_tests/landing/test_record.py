from __future__ import annotations

import pytest

from odibi_dagster.errors import StateError, TransientError
from odibi_dagster.landing.late import Brought
from odibi_dagster.landing.note import Note, unreadable
from odibi_dagster.landing.record import failed, note, park
from odibi_dagster.landing.replay import Replayed
from odibi_dagster.landing.verify import verify
from odibi_dagster_tests.landing.lake import ON_DISK, Lake, paths


def test_a_file_rewritten_between_listing_and_reading_is_changed_and_due_again(lake: Lake) -> None:
    lake.land("raw/a.csv", "old")
    lake.land("raw/b.csv")
    batch = lake.open()
    assert batch is not None
    lake.land("raw/a.csv", "newer")
    notes = verify(lake.landing, batch.files)
    assert notes["raw/a.csv"].state == "changed" and "3 bytes" in notes["raw/a.csv"].reason
    batch = note(batch, notes)
    assert paths(batch) == ["raw/b.csv"]
    assert paths(lake.open()) == ["raw/b.csv"]  # a replay leaves it out too
    lake.publish(batch)
    assert paths(lake.run()) == ["raw/a.csv"]  # its bytes have never been loaded
    assert lake.rows() == [("raw/a.csv", 2), ("raw/b.csv", 1)]


def test_a_file_rewritten_with_the_same_size_is_changed(lake: Lake) -> None:
    lake.land("raw/a.csv", "old", modified=1_000_000)
    batch = lake.open()
    assert batch is not None and verify(lake.landing, batch.files) == {}
    lake.land("raw/a.csv", "new", modified=1_000_000.5)
    assert verify(lake.landing, batch.files)["raw/a.csv"].state == "changed"


def test_a_removed_file_is_gone_and_due_when_it_comes_back(lake: Lake) -> None:
    lake.land("raw/a.csv", modified=1_000_000)
    batch = lake.open()
    assert batch is not None
    lake.take("raw/a.csv")
    batch = note(batch, verify(lake.landing, batch.files))
    assert batch.files == () and batch.notes["raw/a.csv"].state == "gone"
    lake.publish(batch)
    assert lake.rows() == [] and lake.open() is None
    lake.land("raw/a.csv", modified=1_000_000)
    assert paths(lake.run()) == ["raw/a.csv"]


def test_an_unreadable_file_is_left_out_until_it_is_replaced(lake: Lake) -> None:
    lake.land("raw/a.csv", modified=1_000_000)
    batch = lake.open()
    assert batch is not None
    lake.publish(note(batch, unreadable({"raw/a.csv": "line 3: a quote is not closed"})))
    assert lake.run() is None
    (left,) = lake.pending().left_out
    assert (left.path, left.batch, left.state) == ("raw/a.csv", 1, "unreadable")
    assert left.reason == "line 3: a quote is not closed"
    lake.land("raw/a.csv", "mended", modified=2_000_000)
    assert paths(lake.run()) == ["raw/a.csv"]


def test_notes_are_written_once(lake: Lake) -> None:
    lake.land("raw/a.csv")
    batch = lake.open()
    assert batch is not None
    said = {"raw/a.csv": Note("gone", "first"), "raw/other.csv": Note("gone", "not in the batch")}
    note(batch, said)
    version = lake.ledger().version
    again = note(batch, {"raw/a.csv": Note("gone", "second")})
    assert again.notes == {"raw/a.csv": Note("gone", "first")} and lake.ledger().version == version


def test_what_another_run_left_out_must_not_be_published(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.land("raw/b.csv")
    mine, other = lake.open(), lake.open()
    assert mine is not None and other is not None
    note(other, {"raw/a.csv": Note("gone", "it went away")})
    with pytest.raises(TransientError, match=r"changed by another run.*\n.*'raw/a.csv' was left out"):
        note(mine, {})
    assert paths(lake.open()) == ["raw/b.csv"]


def test_what_another_run_parked_must_not_be_published(lake: Lake) -> None:
    lake.land("raw/a.csv")
    mine, other = lake.open(), lake.open()
    assert mine is not None and other is not None
    park(other, "three tries")
    with pytest.raises(TransientError, match="parked: three tries"):
        note(mine, {})


def test_failures_are_counted_once_for_each_attempt(lake: Lake) -> None:
    lake.land("raw/a.csv")
    for expected in (1, 2, 3):
        batch = lake.open()
        assert batch is not None and batch.failures == expected - 1
        assert failed(batch, "amount is negative").failures == expected
        assert failed(batch, "said again").failures == expected
    state = lake.pending()
    assert state.open is not None and state.open.failures == 3


def test_a_parked_batch_is_an_empty_commit_and_the_next_one_opens(lake: Lake) -> None:
    lake.land("raw/a.csv", modified=1_000_000)
    batch = lake.open()
    assert batch is not None
    parked = park(batch, "three tries")
    assert parked.files == () and parked.parked == "three tries"
    assert park(batch, "again").parked == "three tries"
    replayed = lake.open()  # killed before the empty commit
    assert replayed is not None and (replayed.number, replayed.files, replayed.parked) == (
        1,
        (),
        "three tries",
    )
    assert lake.publish(replayed)
    lake.land("raw/b.csv")
    assert paths(lake.run()) == ["raw/b.csv"]
    assert lake.rows() == [("raw/b.csv", 2)]
    (summary,) = lake.pending().parked
    assert (summary.number, summary.state, summary.files, summary.reason) == (1, "parked", 1, "three tries")


def test_a_replaced_ledger_is_noticed(lake: Lake) -> None:
    lake.land("raw/a.csv")
    batch = lake.open()
    assert batch is not None
    lake.ledger_place.remove()
    with pytest.raises(StateError, match="no batch 1"):
        failed(batch, "x")


@ON_DISK
def test_ten_thousand_files_are_verified_and_noted_quickly(lake: Lake) -> None:
    import shutil
    import time

    for number in range(10_000):
        lake.land(f"raw/{number}.csv")
    batch = lake.open()
    assert batch is not None
    started = time.monotonic()
    assert verify(lake.landing, batch.files) == {}
    shutil.rmtree(lake.landing)
    assert note(batch, verify(lake.landing, batch.files)).files == ()
    assert time.monotonic() - started < 15  # measured: 1 s


def test_a_note_that_comes_behind_the_commit_is_corrected_and_the_file_is_taken_once(lake: Lake) -> None:
    """Two runs read one batch; between the look and the commit of one, the other notes a file as gone."""
    lake.land("raw/a.csv", modified=1_000_000)
    lake.land("raw/b.csv", modified=1_000_001)
    mine, theirs = lake.open(), lake.open()
    assert mine is not None and theirs is not None
    mine = note(mine, {})
    note(theirs, {"raw/a.csv": Note("gone", "it vanished for them")})
    assert lake.publish(mine)
    lake.brought[1] = Brought(False, frozenset())
    found = lake.pending()
    assert (found.left_out, found.files) == ((), 0)
    assert lake.run() is None
    lake.land("raw/c.csv", modified=1_000_002)
    assert paths(lake.run()) == ["raw/c.csv"]
    assert lake.rows() == [("raw/a.csv", 1), ("raw/b.csv", 1), ("raw/c.csv", 2)]
    # Much later, nothing is noted of a batch behind which another was opened.
    note(theirs, {"raw/b.csv": Note("gone", "it vanished for them")})
    lake.brought.clear()  # The commit's own words are trimmed one day; the correction is in the ledger.
    assert lake.run() is None and lake.pending().left_out == ()


def test_a_batch_that_is_parked_behind_its_commit_is_not_parked(lake: Lake) -> None:
    lake.land("raw/a.csv", modified=1_000_000)
    mine, theirs = lake.open(), lake.open()
    assert mine is not None and theirs is not None
    mine = note(mine, {})
    park(theirs, "rows that nobody wants")
    assert lake.publish(mine)
    lake.brought[1] = Brought(False, frozenset())
    assert lake.pending().parked == () and lake.replay() == Replayed((), (), ())
    assert lake.run() is None and lake.rows() == [("raw/a.csv", 1)]
