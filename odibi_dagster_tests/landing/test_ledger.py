from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from odibi_dagster.errors import StateError, StorageError
from odibi_dagster.landing.discover import connect
from odibi_dagster.landing.ledger import FORMAT, Conflict, Ledger
from odibi_dagster_tests.landing.lake import ON_DISK, TABLE, Lake, paths
from odibi_dagster_tests.services.place import Place, Server


def test_opening_a_missing_ledger_creates_nothing(lake: Lake) -> None:
    ledger = lake.ledger()
    assert (ledger.exists, ledger.id, ledger.last, ledger.version) == (False, None, 0, -1)
    assert lake.place.paths() == []


def test_carries_its_format_and_a_newer_one_is_refused(lake: Lake) -> None:
    ledger = lake.ledger()
    ledger.create()
    table = lake.ledger_place.delta()
    assert table.metadata().configuration["odibi.format"] == str(FORMAT)
    assert table.history(1)[0]["odibi.format"] == str(FORMAT)
    table.alter.set_table_properties({"odibi.format": str(FORMAT + 1)}, raise_if_not_exists=False)
    with pytest.raises(StateError, match=f"its format is {FORMAT + 1}"):
        lake.ledger()


def test_another_table_at_its_place_is_refused(lake: Lake) -> None:
    from arro3.core import Array, DataType, Table

    schema = Table.from_pydict({"a": Array([1], DataType.int64())}).schema
    options = lake.place.server.delta_options() or None
    DeltaTable.create(lake.ledger().url, schema, storage_options=options)
    with pytest.raises(StateError, match="cannot be understood"):
        lake.ledger()


def test_is_compare_and_swap(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.run()
    first, second = lake.ledger(), lake.ledger()
    with connect() as connection:
        first.load(connection)
        first.append(connection, "ledger")
        with pytest.raises(Conflict):
            second.append(connection, "ledger")


def test_whoever_makes_the_ledger_is_refused_if_another_opens_the_first_batch_in_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the maker's commit and its first look at it: the maker's batch was chosen without a ledger."""
    real, made = DeltaTable.create, list[str]()

    def create(url: str, *args: Any, **options: Any) -> DeltaTable:
        table = real(url, *args, **options)
        if "checkpoints" in url:
            made.append(url)
            lake.run()
        return table

    monkeypatch.setattr(DeltaTable, "create", create)
    lake.land("raw/a.csv")
    lake.land("raw/b.csv")
    assert lake.run() is None and len(made) == 1
    assert lake.rows() == [("raw/a.csv", 1), ("raw/b.csv", 1)]


def test_creating_twice_is_a_conflict(lake: Lake) -> None:
    ledger, other = lake.ledger(), lake.ledger()
    ledger.create()
    with pytest.raises(Conflict):
        other.create()
    other.reload()
    assert other.id == ledger.id


def test_places_with_spaces_and_unicode(store: Server, tmp_path: Path) -> None:
    lake = Lake(Place(store, store.url()) / "ein See ü & 日", tmp_path)
    lake.land("raw/a.csv")
    assert paths(lake.run()) == ["raw/a.csv"]
    assert lake.run() is None


def test_damage_is_named(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.run()
    ledger = lake.ledger()
    place = lake.ledger_place
    for path in place.paths():
        if path.endswith(".parquet"):
            place.delete(path)
    with pytest.raises(StateError, match="damaged") as caught:
        lake.run()
    assert ledger.url in str(caught.value) and "backup" in caught.value.remedy


def test_a_cut_off_data_file_is_damage_too(lake: Lake) -> None:
    lake.land("raw/a.csv")
    lake.run()
    place = lake.ledger_place
    for path in place.paths():
        if path.endswith(".parquet"):
            place.write(path, place.read(path)[:100])
    with pytest.raises(StateError, match="damaged"):
        lake.run()


@ON_DISK  # elsewhere there are no folders in whose place a file could be
@pytest.mark.parametrize("blocked", ["checkpoints", "checkpoints/ledger"])
def test_an_impossible_place_is_a_storage_error(lake: Lake, blocked: str) -> None:
    lake.place.write(blocked, "a file where a folder should be")
    lake.land("raw/a.csv")
    with pytest.raises(StorageError):
        lake.run()


def test_ids_differ_between_ledgers(lake: Lake) -> None:
    ledger = lake.ledger()
    ledger.create()
    first = (ledger.app(), ledger.fingerprint())
    assert 0 < ledger.fingerprint() < 2**63
    lake.ledger_place.remove()
    ledger.reload()
    ledger.create()
    assert first[0] != ledger.app() and first[1] != ledger.fingerprint()
    assert Ledger.open(lake.checkpoints, TABLE).fingerprint() == ledger.fingerprint()
