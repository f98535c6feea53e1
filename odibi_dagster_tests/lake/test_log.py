"""Opening a table: its paths, its data version, and the tables that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deltalake import CommitProperties, Transaction, write_deltalake
from deltalake.transaction import AddAction
from hypothesis import given, settings
from hypothesis import strategies as st

from odibi_dagster.errors import StateError
from odibi_dagster.lake import entries
from odibi_dagster.lake.data_files import PLAIN
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.record import records
from odibi_dagster.lake.write import Identity, PartitionRange
from odibi_dagster_tests.lake.table import Table

ONE = "SELECT 1::BIGINT AS id, 'a' AS name"
TWO = "SELECT 2::BIGINT AS id, 'b' AS name"
#: What is read from a log is the same wherever it came from.
on_disk = pytest.mark.parametrize("store", ["local"], indirect=True)


def test_no_table_is_none(table: Table) -> None:
    assert open_log(table.name, table.url) is None
    write = table.write(ONE)  # files alone are no table
    assert write.staged and open_log(table.name, table.url) is None
    assert table.place.paths("_delta_log") == []


def test_a_version_that_does_not_exist_is_a_state_error(table: Table) -> None:
    table.publish(ONE)
    with pytest.raises(StateError, match="at version 7") as caught:
        table.log(7)
    assert table.url in str(caught.value)


def test_a_damaged_log_is_a_state_error(table: Table) -> None:
    table.publish(ONE)
    table.place.write(table.entry_path(0), "{broken")
    with pytest.raises(StateError, match="cannot be opened"):
        table.log()


def test_a_handle_stays_at_its_version(table: Table) -> None:
    table.publish(ONE)
    log = table.log()
    table.publish(TWO)
    assert (log.version, table.log().version) == (0, 1)
    assert log.pinned().files[0].path == table.log(0).files[0].path


def test_a_handles_history_is_its_own_while_others_commit(table: Table) -> None:
    table.publish("SELECT 1 AS a", "append", details={"n": 0})
    table.publish("SELECT 1 AS a", "append", details={"n": 1})
    log = table.log()
    for n in range(2, 5):
        table.publish("SELECT 1 AS a", "append", details={"n": n})
    told = [entry["version"] for entry in log.handle.history()]
    assert told != [1, 0], "delta-rs now numbers the history of an old handle rightly: use it"
    assert [entry["version"] for entry in log.history()] == [1, 0]
    assert [(version, record.details["n"]) for version, record in records(log)] == [(1, 1), (0, 0)]
    assert [entry["version"] for entry in log.history(1)] == [1]


def test_what_is_remembered_of_a_log_is_bounded_whatever_its_history(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        table.publish("SELECT 1 AS a", "append", details={"n": number})
    sizes = [len(table.place.read(table.entry_path(version))) for version in range(6)]
    monkeypatch.setattr(entries, "REMEMBERED", sizes[5] + sizes[4] + 1)
    log = table.log()
    assert [record.details["n"] for _, record in records(log)] == [5, 4, 3, 2, 1, 0]
    assert log.entries.size == sizes[5] + sizes[4], "the newest stay"
    table.place.delete(table.entry_path(5))
    assert log.data_version == 5


def test_a_commit_that_says_nothing_has_a_version(table: Table) -> None:
    table.publish("SELECT 1 AS a")
    table.place.write(table.entry_path(1), json.dumps({"txn": {"appId": "x", "version": 1}}))
    table.publish("SELECT 1 AS a")
    assert [entry["version"] for entry in table.log().history()] == [2, 1, 0]
    assert [version for version, _ in records(table.log())] == [2, 0]


def test_the_data_version_follows_data_alone(table: Table) -> None:
    table.publish(ONE)
    for number in range(2):
        table.publish(TWO, "append", identity=Identity(f"a{number}", 1))
    assert table.log().data_version == 2
    table.delta.optimize.compact()
    table.set_properties({"delta.checkpointInterval": "50"})
    table.publish(None, "append", identity=Identity("parked", 1))
    table.delta.create_checkpoint()
    assert (table.log().version, table.log().data_version) == (5, 2)
    assert [table.log(version).data_version for version in range(6)] == [0, 1, 2, 2, 2, 2]
    for version in range(5):
        table.place.delete(table.entry_path(version))
    assert table.log().data_version == 2, "the clean-up of the log does not move it"
    table.publish(TWO)
    assert table.log().data_version == 6


def test_metadata_that_speaks_of_data_changes_moves_nothing(table: Table) -> None:
    table.publish(ONE)
    text = '"dataChange":true, {"add":{"dataChange": true}}'
    table.publish(
        None, "append", identity=Identity("parked", 1), details={"reason": text, "dataChange": True}
    )
    table.set_properties({"note": text})
    assert table.log().data_version == 0


NAMES = [
    "a b",
    "100%",
    "%20",
    "x=y",
    "ä/ö",
    "a+b",
    "q?",
    "é:e",
    "#&",
    "'",
    '"',
    "{1}",
    "[2]",
    "*",
    "~",
    "\\",
    "日本",
]
PARTITIONED = "SELECT i::BIGINT AS id, name FROM (VALUES " + ", ".join(
    f"({i}, {('NULL' if n is None else chr(39) + n.replace(chr(39), chr(39) * 2) + chr(39))})"
    for i, n in enumerate([*NAMES, None])
) + ") AS v(i, name)"  # fmt: skip


def test_odd_partition_values_of_ours_are_read_and_removed(table: Table) -> None:
    table.publish(PARTITIONED, partition_by=["name"])
    files = table.log().files
    assert {file.partition["name"] for file in files} == {*NAMES, None}
    assert {file.path for file in files} <= set(table.place.paths())
    assert len(table.rows("id")) == len(files) == len(NAMES) + 1
    table.publish(PARTITIONED + " WHERE i % 2 = 0", "partition", ["name"])
    assert sorted(id for (id,) in table.rows("id")) == list(range(len(NAMES) + 1))
    table.publish("SELECT 0::BIGINT AS id, 'a b' AS name", partition_by=["name"])
    assert table.rows("id, name") == [(0, "a b")]


def foreign(table: Table, names: list[str | None]) -> None:
    from arro3.core import Array, DataType
    from arro3.core import Table as Arrow

    rows = {
        "id": Array(list(range(len(names))), DataType.int64()),
        "name": Array(names, DataType.string()),
    }
    options = table.options
    write_deltalake(table.url, Arrow.from_pydict(rows), partition_by=["name"], storage_options=options)


def test_odd_partition_values_of_plain_delta_rs_are_read_and_removed(table: Table) -> None:
    names: list[str | None] = [*NAMES, None]
    foreign(table, names)
    files = table.log().files
    assert {file.partition["name"] for file in files} == set(names)
    assert {file.path for file in files} <= set(table.place.paths())
    wanted = PartitionRange("name", tuple(NAMES[:4]))
    table.publish(PARTITIONED + " WHERE i = 1", "partition", ["name"], range=wanted)
    left = sorted(id for (id,) in table.rows("id"))
    assert left == [1, *range(4, len(names))]
    table.publish("SELECT 7::BIGINT AS id, 'z' AS name", partition_by=["name"])
    assert table.rows("id, name") == [(7, "z")]


def by_hand(table: Table, *actions: dict[str, Any], **protocol: Any) -> None:
    """Writes version 0 of a table as another engine might."""
    fields = [{"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in (("id", "long"),)]
    metadata = {
        "id": "by-hand",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": [],
        "configuration": {},
        "createdTime": 1,
    }
    entries = [
        {"commitInfo": {"operation": "WRITE"}},
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2} | protocol},
        {"metaData": metadata},
        *actions,
    ]
    table.place.write(table.entry_path(0), "".join(json.dumps(entry) + "\n" for entry in entries))


def add(path: str, rows: int | None = 1, size: int = 1) -> dict[str, Any]:
    return {
        "add": {
            "path": path,
            "partitionValues": {},
            "size": size,
            "modificationTime": 1,
            "dataChange": True,
            **({} if rows is None else {"stats": json.dumps({"numRecords": rows})}),
        }
    }


@pytest.mark.parametrize("spelled", ["p=ä/f.parquet", "a%2Bb.parquet", "x%3Dy.parquet", "v%27w.parquet"])
def test_a_file_that_cannot_be_removed_stops_the_publish(table: Table, spelled: str) -> None:
    """Seen: delta-rs writes a removal with its own spelling, the file stays, and the rows are doubled."""
    by_hand(table, add(spelled))
    with pytest.raises(StateError, match="cannot be removed") as caught:
        table.publish("SELECT 2::BIGINT AS id")
    assert spelled in str(caught.value)
    assert table.log().version == 0
    table.publish("SELECT 2::BIGINT AS id", "append", identity=Identity("a", 1))


@on_disk
def test_that_guard_is_needed(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("odibi_dagster.lake.publish.refuse_removal", lambda *args: None)
    by_hand(table, add("p=ä/f.parquet"))
    assert table.publish("SELECT 2::BIGINT AS id").files == 2, "delta-rs has mended it: drop the guard"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\x00"), min_size=1, max_size=12))
def test_delta_rs_spells_paths_as_the_guard_believes(name: str) -> None:
    import tempfile
    from urllib.parse import quote

    with tempfile.TemporaryDirectory() as folder:
        table = Table(folder)
        by_hand(table)
        delta = table.delta
        action = AddAction(f"x{name}.parquet", 1, {}, 1, True, "{}")
        delta.create_write_transaction([action], "append", delta.schema(), [])
        assert table.actions(1, "add")[0]["path"] == quote(f"x{name}.parquet", safe=PLAIN)
        assert table.log().files[0].path == f"x{name}.parquet"


FEATURES = [
    "deletionVectors",
    "columnMapping",
    "rowTracking",
    "changeDataFeed",
    "generatedColumns",
    "v2Checkpoint",
]


@on_disk
@pytest.mark.parametrize("feature", FEATURES)
def test_features_are_refused_before_anything_is_written(table: Table, feature: str) -> None:
    reading = ["deletionVectors", "columnMapping", "v2Checkpoint"]
    by_hand(
        table,
        minReaderVersion=3,
        minWriterVersion=7,
        readerFeatures=[feature] if feature in reading else [],
        writerFeatures=[feature],
    )
    with pytest.raises(StateError, match=feature):
        table.publish("SELECT 2::BIGINT AS id", "append", identity=Identity("a", 1))
    assert len(table.place.paths("_delta_log")) == 1
    if feature in reading:
        with pytest.raises(StateError, match=feature):
            table.log().pinned()
    else:
        assert table.log().pinned().version == 0


@on_disk
@pytest.mark.parametrize("version", [3, 4, 5, 6])
def test_legacy_writer_versions_are_refused(table: Table, version: int) -> None:
    reader = 2 if version >= 5 else 1
    by_hand(table, minWriterVersion=version, minReaderVersion=reader)
    with pytest.raises(StateError, match=f"legacy writer version {version}"):
        table.publish("SELECT 2::BIGINT AS id")


@on_disk
def test_column_mapping_of_old_is_refused_for_readers(table: Table) -> None:
    by_hand(table, minReaderVersion=2, minWriterVersion=5)
    with pytest.raises(StateError, match="columnMapping"):
        table.log().pinned()


def test_the_features_that_are_honoured_pass(table: Table) -> None:
    by_hand(
        table,
        minReaderVersion=3,
        minWriterVersion=7,
        readerFeatures=["timestampNtz"],
        writerFeatures=["timestampNtz", "appendOnly", "invariants"],
    )
    table.publish("SELECT 2::BIGINT AS id")
    assert table.rows() == [(2,)]


@on_disk
def test_an_invariant_is_refused(table: Table) -> None:
    by_hand(table)
    invariant = json.dumps({"delta.invariants": json.dumps({"expression": {"expression": "id > 3"}})})
    escaped = json.dumps(invariant)[1:-1]
    entry = table.place.read(table.entry_path(0)).decode()
    table.place.write(table.entry_path(0), entry.replace('\\"metadata\\": {}', f'\\"metadata\\": {escaped}'))
    with pytest.raises(StateError, match="invariant"):
        table.publish("SELECT 2::BIGINT AS id")


def test_rows_that_nobody_counted_are_counted(table: Table) -> None:
    write = table.write("SELECT i AS id FROM range(3) AS r(i)")
    assert write.staged
    file = write.staged.files[0]
    by_hand(table, add(file.path, rows=None, size=file.size))
    assert table.log().files[0].rows == -1
    assert table.log().rows == 3
    assert table.publish("SELECT 2::BIGINT AS id", "append", identity=Identity("a", 1)).rows == 4


def test_identities_are_found_at_any_age(table: Table) -> None:
    table.publish(ONE)
    delta = table.delta
    for number in range(1, 6):
        properties = CommitProperties(app_transactions=[Transaction(f"a{number}", number)])
        delta.create_write_transaction([], "append", delta.schema(), [], commit_properties=properties)
        delta.update_incremental()
    delta.create_checkpoint()
    assert table.log().done("a1") == 1 and table.log().done("none") is None
    assert table.delta.transaction_version("a5") == 5
