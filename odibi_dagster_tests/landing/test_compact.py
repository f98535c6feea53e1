from __future__ import annotations

import pytest

from odibi_dagster.landing import compact as compacting
from odibi_dagster.landing.compact import compact
from odibi_dagster.landing.discover import connect
from odibi_dagster.landing.ledger import Conflict, Ledger
from odibi_dagster_tests.landing.lake import ON_DISK, Lake, paths


def events(ledger: Ledger) -> list[object]:
    with connect() as connection:
        ledger.load(connection)
        return connection.execute("SELECT * FROM ledger ORDER BY ALL").fetchall()


def filled(lake: Lake, batches: int) -> Ledger:
    for number in range(batches):
        lake.land(f"raw/{number} ü.csv")
        lake.run()
    return lake.ledger()


def test_folds_many_files_into_one_and_loses_no_event(lake: Lake) -> None:
    ledger = filled(lake, 5)
    before, version = events(ledger), ledger.version
    assert not compact(ledger, most_files=5)
    assert compact(ledger, most_files=4)
    assert ledger.version == version + 1 and len(lake.ledger_place.delta().file_uris()) == 1
    assert events(ledger) == before and len(before) == 5
    assert ledger.last == 5 and events(lake.ledger()) == before
    assert lake.run() is None
    lake.land("raw/new.csv")
    assert paths(lake.run()) == ["raw/new.csv"]
    assert compact(lake.ledger(), most_files=1)  # an adopted file is folded again
    assert len(events(lake.ledger())) == 6
    staged = [path for path in lake.ledger_place.paths() if path.startswith("staged-")]
    assert staged and not any("/_delta_log/" in path for path in staged)


def test_is_marked_as_no_change_of_data_and_keeps_the_identity(lake: Lake) -> None:
    ledger = filled(lake, 3)
    identity = ledger.id
    compact(ledger, most_files=1)
    assert ledger.id == identity
    text = lake.ledger_place.read(f"_delta_log/{ledger.version:020}.json").decode()
    assert '"dataChange":true' not in text and text.count('"dataChange":false') == 4


def test_a_writer_in_between_wins_and_nothing_is_lost(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = filled(lake, 3)
    swap = compacting._swap

    def late(*args: object) -> None:
        lake.land("raw/in between.csv")
        lake.run()
        swap(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(compacting, "_swap", late)
    assert not compact(ledger, most_files=1)
    assert len(events(ledger)) == 4 and ledger.last == 4
    assert not any(path.startswith("staged-") for path in lake.ledger_place.paths())


def test_a_writer_that_read_before_the_folding_is_refused(lake: Lake) -> None:
    stale = filled(lake, 3)
    with connect() as connection:
        stale.load(connection)
        compact(lake.ledger(), most_files=1)
        with pytest.raises(Conflict):
            stale.append(connection, "ledger")
    assert len(events(lake.ledger())) == 3


@ON_DISK
def test_a_batch_folds_the_ledger_when_it_has_grown(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting.compact, "__defaults__", (3,))
    filled(lake, 8)
    assert len(lake.ledger_place.delta().file_uris()) <= 4
    assert len(events(lake.ledger())) == 8 and len(lake.rows()) == 8
