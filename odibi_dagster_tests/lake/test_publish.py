"""The commit: compare-and-swap, identities, lost answers, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from deltalake import write_deltalake
from deltalake.exceptions import DeltaError

from odibi_dagster.errors import DataError, StateError, TransientError
from odibi_dagster.lake import commit, staged_files
from odibi_dagster.lake import publish as module
from odibi_dagster.lake.publish import publish
from odibi_dagster.lake.recognize import Superseded
from odibi_dagster.lake.record import InputVersion
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.lake.write import Identity, PartitionRange
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP_NTZ
from odibi_dagster_tests.lake.table import Table, declared

ONE, TWO = "SELECT 1::BIGINT AS id, 'a' AS name", "SELECT 2::BIGINT AS id, 'b' AS name"
FIRST = Identity("odibi/batch/x", 1, 0)
SECOND = Identity("odibi/batch/x", 2, 1)
Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Lets somebody else act once, between the plan of the next publish and its commit."""

    def arrange(act: Callable[[], object]) -> None:
        real = module.send

        def send(*args: Any) -> None:
            monkeypatch.setattr(module, "send", real)
            act()
            real(*args)

        monkeypatch.setattr(module, "send", send)

    return arrange


def test_a_first_publish_creates_the_table(table: Table) -> None:
    done = table.publish(ONE, description="Just one.")
    assert (done.version, done.data_version, done.rows, done.files, done.repeated) == (0, 0, 1, 1, False)
    assert table.rows() == [(1, "a")]
    metadata = table.delta.metadata()
    assert (metadata.name, metadata.description) == ("silver.t", "Just one.")


def test_full_replaces_everything_in_one_version(table: Table) -> None:
    table.publish(ONE)
    done = table.publish(TWO)
    assert done.version == 1
    assert table.rows() == [(2, "b")]
    assert table.rows(version=0) == [(1, "a")]


def test_an_empty_result_makes_an_empty_table_and_empties_a_full_one(table: Table) -> None:
    nothing = ONE + " WHERE false"
    assert table.publish(nothing).rows == 0
    assert [str(c.type) for c in table.log().schema] == ["bigint", "string"]
    table.publish(ONE)
    assert table.publish(nothing).rows == 0
    assert table.rows() == []


def test_two_creators_both_get_in_and_the_last_full_result_stands(table: Table, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: table.publish(TWO))
    done = table.publish(ONE)
    assert done.version == 1
    assert table.rows() == [(1, "a")]


def test_two_creators_of_an_append_lose_nothing(table: Table, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: table.publish(TWO, "append", identity=Identity("b", 1)))
    table.publish(ONE, "append", identity=Identity("a", 1))
    assert table.rows() == [(1, "a"), (2, "b")]


def foreign_append(table: Table) -> None:
    from arro3.core import Array, DataType
    from arro3.core import Table as Arrow

    values = {"id": Array([9], DataType.int64()), "name": Array(["foreign"], DataType.string())}
    write_deltalake(table.url, Arrow.from_pydict(values), mode="append", storage_options=table.options)


def test_a_foreign_append_in_between_is_planned_on(table: Table, meanwhile: Meanwhile) -> None:
    """Full replaces it, append keeps it: delta-rs' own retry would keep it in both."""
    table.publish(ONE)
    meanwhile(lambda: foreign_append(table))
    table.publish(TWO)
    assert table.rows() == [(2, "b")]
    meanwhile(lambda: foreign_append(table))
    table.publish(ONE, "append", identity=Identity("a", 1))
    assert table.rows() == [(1, "a"), (2, "b"), (9, "foreign")]


def test_a_foreign_compaction_in_between_doubles_nothing(table: Table, meanwhile: Meanwhile) -> None:
    table.publish(ONE)
    for number in range(3):
        table.publish(TWO, "append", identity=Identity(f"a{number}", 1))
    meanwhile(lambda: table.delta.optimize.compact())
    table.publish(ONE)
    assert table.rows() == [(1, "a")]


def test_the_guard_is_no_retries(table: Table, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch) -> None:
    """With delta-rs' own retries instead of compare-and-swap, the two tests above see wrong rows."""
    without_retries = commit.properties_of

    def with_retries(*args: Any) -> Any:
        properties = without_retries(*args)
        properties.max_commit_retries = 15
        return properties

    monkeypatch.setattr(commit, "properties_of", with_retries)
    table.publish(ONE)
    for number in range(3):
        table.publish(TWO, "append", identity=Identity(f"a{number}", 1))
    meanwhile(lambda: table.delta.optimize.compact())
    table.publish(ONE)
    assert table.rows() != [(1, "a")]


def test_a_write_with_an_identity_happens_once(table: Table) -> None:
    first = table.publish(ONE, "append", identity=Identity("a", 1), details={"checks": ["x"]})
    table.publish(TWO, "append", identity=Identity("b", 1))
    again = table.publish(ONE, "append", identity=Identity("a", 1), details={"checks": []})
    assert (first.repeated, again.repeated) == (False, True)
    assert again.record.details == {"checks": ["x"]}
    assert (again.version, again.data_version, again.rows) == (1, 1, 2)
    assert table.rows() == [(1, "a"), (2, "b")]


def test_the_guard_is_the_identity(table: Table) -> None:
    for _ in range(2):
        table.publish(ONE, "append", identity=None)
    assert table.rows() == [(1, "a"), (1, "a")]


def test_an_identity_that_arrives_during_the_commit_is_found(table: Table, meanwhile: Meanwhile) -> None:
    """Two runs publish the same batch: delta-rs does not compare application transactions itself."""
    table.publish(ONE, "append", identity=FIRST)
    meanwhile(lambda: table.publish(TWO, "append", identity=SECOND))
    done = table.publish(TWO, "append", identity=SECOND)
    assert done.repeated
    assert table.rows() == [(1, "a"), (2, "b")]


def test_identities_outlive_checkpoints_and_the_log(table: Table) -> None:
    table.publish(ONE, "append", identity=Identity("a", 1), details={"checks": ["x"]})
    table.publish(TWO, "append", identity=Identity("b", 1))
    table.delta.create_checkpoint()
    for version in (0, 1):
        table.place.delete(table.entry_path(version))
    again = table.publish(ONE, "append", identity=Identity("a", 1))
    assert again.repeated and again.record.details == {}
    assert table.rows() == [(1, "a"), (2, "b")]


def test_batches_come_in_order(table: Table) -> None:
    with pytest.raises(StateError, match="Batch 2 is due, and there is no table"):
        table.publish(ONE, "append", identity=SECOND)
    table.publish(ONE, "append", identity=FIRST)
    with pytest.raises(StateError, match="Batch 3 is due, but the table has batch 1"):
        table.publish(ONE, "append", identity=Identity("odibi/batch/x", 3, 2))
    with pytest.raises(StateError, match="Batch 2 is due, but the table has batch 0"):
        table.publish(ONE, "append", identity=Identity("odibi/batch/another", 2, 1))
    assert table.rows() == [(1, "a")]


def test_a_run_that_another_has_overtaken_by_two_batches_repeats_nothing(
    table: Table, meanwhile: Meanwhile
) -> None:
    table.publish(ONE, "append", identity=FIRST)

    def overtake() -> None:
        table.publish(TWO, "append", identity=SECOND)
        table.publish(
            "SELECT 3::BIGINT AS id, 'c' AS name", "append", identity=Identity("odibi/batch/x", 3, 2)
        )

    meanwhile(overtake)
    done = table.publish(TWO, "append", identity=SECOND)
    assert done.repeated and tuple(done.record.identity or ()) == ("odibi/batch/x", 2)
    assert table.rows() == [(1, "a"), (2, "b"), (3, "c")]


def test_a_batch_without_rows_leaves_its_number(table: Table) -> None:
    with pytest.raises(StateError, match="no table to mark the batch in"):
        table.publish(None, "append", identity=FIRST)
    table.publish(ONE, "append", identity=FIRST)
    done = table.publish(None, "append", identity=SECOND, details={"parked": "why"})
    assert (done.version, done.data_version, done.rows) == (1, 0, 1)
    assert table.delta.transaction_version("odibi/batch/x") == 2


def lose_the_answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = module.send

    def send(*args: Any) -> None:
        monkeypatch.setattr(module, "send", real)
        real(*args)
        raise error

    monkeypatch.setattr(module, "send", send)


@pytest.mark.parametrize("error", [DeltaError("connection reset"), OSError("timed out")])
@pytest.mark.parametrize("kind", ["full", "append", "partition"])
def test_a_commit_whose_answer_was_lost_is_recognized(
    table: Table, monkeypatch: pytest.MonkeyPatch, kind: str, error: Exception
) -> None:
    identity = FIRST if kind == "append" else None
    by = ["name"] if kind == "partition" else []
    lose_the_answer(monkeypatch, error)
    done = table.publish(ONE, kind, by, identity=identity)
    assert (done.version, done.repeated) == (0, False)
    lose_the_answer(monkeypatch, error)
    done = table.publish(TWO, kind, by, identity=SECOND if kind == "append" else None)
    assert (done.version, done.repeated) == (1, False)
    assert table.log().version == 1
    assert table.rows("id, name") == ([(2, "b")] if kind == "full" else [(1, "a"), (2, "b")])


def test_a_lost_answer_is_recognized_behind_later_commits(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.publish(ONE)
    real = module.send

    def send(*args: Any) -> None:
        monkeypatch.setattr(module, "send", real)
        real(*args)
        foreign_append(table)
        raise DeltaError("connection reset")

    monkeypatch.setattr(module, "send", send)
    done = table.publish(TWO)
    assert (done.version, done.data_version, done.rows) == (1, 1, 1)
    assert table.rows() == [(2, "b"), (9, "foreign")]


def test_what_is_reported_is_the_version_that_was_published(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer's data version must come with their own report, or it looks like no change."""
    real = module.send

    def send(*args: Any) -> None:
        monkeypatch.setattr(module, "send", real)
        real(*args)
        foreign_append(table)

    table.publish(ONE)
    monkeypatch.setattr(module, "send", send)
    done = table.publish(TWO)
    assert (done.version, done.data_version, done.rows) == (1, 1, 1)
    assert table.log().data_version == 2


def test_an_error_before_the_commit_is_explained(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*args: Any) -> None:
        raise OSError("the store hung up")

    table.publish(ONE)
    monkeypatch.setattr(module, "send", send)
    with pytest.raises(TransientError, match="did not answer") as caught:
        table.publish(TWO)
    assert table.url in str(caught.value) and "the store hung up" in str(caught.value)
    assert table.rows() == [(1, "a")]


def test_other_writers_win_for_ever(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish(ONE)
    real = module.send

    def send(*args: Any) -> None:
        foreign_append(table)
        real(*args)

    monkeypatch.setattr(module, "send", send)
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    began = time.monotonic()
    with pytest.raises(TransientError, match="Other writers won every time"):
        table.publish(TWO)
    assert time.monotonic() - began < 10
    assert (2, "b") not in table.rows()


def read(data_version: int, table_id: str = "u") -> dict[str, InputVersion]:
    return {"bronze.u": InputVersion(table_id, data_version, data_version)}


def test_a_newer_publish_is_not_replaced_by_an_older_one(table: Table, meanwhile: Meanwhile) -> None:
    table.publish(ONE, inputs=read(1))
    meanwhile(lambda: table.publish(TWO, inputs=read(3)))
    with pytest.raises(Superseded, match=r"newer bronze\.u"):
        table.publish(ONE, inputs=read(2))
    assert table.rows() == [(2, "b")]
    table.publish(ONE, inputs=read(3))
    table.publish(TWO, inputs=read(1, "another table"))
    assert table.rows() == [(2, "b")]


def test_a_source_listed_before_another_publish_is_listed_again(table: Table) -> None:
    table.publish(ONE, since=-1)
    with pytest.raises(Superseded, match="listed again"):
        table.publish(TWO, since=-1)
    foreign_append(table)
    table.publish(TWO, since=0)
    assert table.rows() == [(2, "b")]


def test_superseded_is_a_question_of_partitions(table: Table) -> None:
    def range_(value: str) -> PartitionRange:
        return PartitionRange("name", (value,))

    table.publish(TWO, "partition", ["name"], inputs=read(5), range=range_("b"))
    table.publish(ONE, "partition", ["name"], inputs=read(4), range=range_("a"))
    with pytest.raises(Superseded):
        table.publish(TWO, "partition", ["name"], inputs=read(4), range=range_("b"))
    assert table.rows("id") == [(1,), (2,)]


GROWN = "SELECT 2::BIGINT AS id, 'b' AS name, 7::BIGINT AS more"


@pytest.mark.parametrize("kind", ["full", "append", "partition"])
def test_a_declared_column_grows_the_table_first(table: Table, kind: str) -> None:
    by = ["name"] if kind == "partition" else []
    table.publish(ONE, kind, by, identity=FIRST if kind == "append" else None)
    identity = SECOND if kind == "append" else None
    done = table.publish(GROWN, kind, by, declared=declared(more=BIGINT), identity=identity)
    assert done.version == 2
    assert not table.actions(1, "add") and not table.actions(1, "txn")
    assert (2, "b", 7) in table.rows("id, name, more")


def test_two_grow_the_table_at_once(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish(ONE, "append", identity=Identity("a", 1))
    real = module.grow
    columns = declared(more=BIGINT)

    def grow(*args: Any) -> bool:
        monkeypatch.setattr(module, "grow", real)
        table.publish(GROWN, "append", identity=Identity("b", 1), declared=columns)
        return real(*args)

    monkeypatch.setattr(module, "grow", grow)
    table.publish(GROWN, "append", identity=Identity("c", 1), declared=columns)
    assert table.rows("id, more") == [(1, None), (2, 7), (2, 7)]
    assert [str(c) for c in table.delta.schema().fields].count("more") <= 1


def test_a_table_that_grew_and_was_not_published_goes_on(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.publish(ONE, "append", identity=FIRST)
    data_version = table.log().data_version
    with monkeypatch.context() as patch:
        patch.setattr(module, "_commit", lambda *args: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            table.publish(GROWN, "append", identity=SECOND, declared=declared(more=BIGINT))
    assert table.log().data_version == data_version
    table.publish(GROWN, "append", identity=SECOND, declared=declared(more=BIGINT))
    assert table.rows("id, more") == [(1, None), (2, 7)]


def test_a_full_table_with_a_complete_contract_changes_its_schema(table: Table, meanwhile: Meanwhile) -> None:
    table.publish(ONE)
    meanwhile(lambda: foreign_append(table))
    table.publish("SELECT 'x' AS id", declared=declared(id=STRING))
    assert table.rows() == [("x",)]
    assert [str(c.type) for c in table.log().schema] == ["string"]


def test_the_first_timestamp_without_zone_leaves_the_table_readable(table: Table) -> None:
    table.publish(ONE)
    sql = "SELECT 1::BIGINT AS id, TIMESTAMP '2024-01-01 00:00:00' AS at"
    table.publish(sql, declared=declared(id=BIGINT, at=TIMESTAMP_NTZ))
    assert len(table.rows()) == 1
    table.publish(sql, declared=declared(id=BIGINT, at=TIMESTAMP_NTZ))
    other = Table(table.root, "silver.created")
    other.publish(sql)
    other.publish(sql, partition_by=["id"])
    assert len(other.rows()) == 1


def test_another_schema_is_refused_and_nothing_changes(table: Table) -> None:
    table.publish(ONE)
    with pytest.raises(DataError, match="another schema"):
        table.publish("SELECT 'x' AS id, 'b' AS name", "append", identity=FIRST)
    assert table.log().version == 0


def test_a_full_table_is_partitioned_anew(table: Table, meanwhile: Meanwhile) -> None:
    table.publish(ONE)
    table.set_properties({"delta.checkpointInterval": "7"})
    done = table.publish(TWO, partition_by=["name"])
    assert table.log().partition_by == ("name",)
    assert done.version == 2 and table.rows("id, name") == [(2, "b")]
    assert table.delta.metadata().configuration == {"delta.checkpointInterval": "7"}
    table.publish(ONE, partition_by=["id"])
    table.publish(TWO)
    assert table.log().partition_by == () and table.rows() == [(2, "b")]


def test_a_writer_behind_the_new_partitioning_is_no_error(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.publish(ONE)
    real = commit._repartition
    settle = commit.settle

    def late(*args: Any) -> Any:
        monkeypatch.setattr(commit, "settle", settle)
        table.publish("SELECT 3::BIGINT AS id, 'c' AS name", "append", ["name"], identity=FIRST)
        return settle(*args)

    def repartition(*args: Any) -> None:
        monkeypatch.setattr(commit, "settle", late)
        real(*args)

    monkeypatch.setattr(commit, "_repartition", repartition)
    assert table.publish(TWO, partition_by=["name"]).version == 1
    assert table.rows("id") == [(2,), (3,)]


def test_a_writer_in_front_of_the_new_partitioning_is_told(table: Table, meanwhile: Meanwhile) -> None:
    table.publish(ONE)
    meanwhile(lambda: foreign_append(table))
    with pytest.raises(StateError, match="while the table was partitioned anew"):
        table.publish(TWO, partition_by=["name"])
    assert table.rows("id, name") == [(2, "b")]


@pytest.mark.parametrize("range_", [None, PartitionRange("name", ("b",))])
@pytest.mark.parametrize("kind", ["append", "partition"])
def test_other_kinds_are_not_partitioned_anew(table: Table, kind: str, range_: PartitionRange | None) -> None:
    table.publish(ONE)
    with pytest.raises(DataError, match="partitioned by nothing, its file says name"):
        table.publish(TWO, kind, ["name"], range=range_)
    assert table.log().version == 0


def test_staged_files_must_be_there_whole_and_young(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish(ONE)
    write = table.write(GROWN, declared=declared(more=BIGINT))
    assert write.staged is not None
    path = write.staged.files[0].path
    whole = table.place.read(path)
    table.place.write(path, whole[:-1])
    with pytest.raises(StateError, match=f"expected {len(whole)} bytes, found {len(whole) - 1}"):
        publish(write)
    table.place.delete(path)
    with pytest.raises(StateError, match="found None"):
        publish(write)
    table.place.write(path, whole)
    with monkeypatch.context() as patch:
        patch.setattr(staged_files, "STALE", timedelta(days=-1))
        with pytest.raises(StateError, match="vacuum may remove it"):
            publish(write)
    assert table.log().version == 0, "the table does not even grow"
    publish(write)
    assert table.log().version == 2


def test_an_append_only_table_takes_appends_alone(table: Table) -> None:
    table.publish(ONE)
    table.set_properties({"delta.appendOnly": "true"})
    table.publish(TWO, "append", identity=FIRST)
    with pytest.raises(StateError, match="append-only"):
        table.publish(TWO)
    assert table.rows() == [(1, "a"), (2, "b")]


def test_a_table_that_forgets_identities_is_refused(table: Table) -> None:
    table.publish(ONE)
    table.set_properties({"delta.setTransactionRetentionDuration": "interval 1 days"})
    with pytest.raises(StateError, match="forgets identities"):
        table.publish(TWO, "append", identity=FIRST)
    assert table.rows() == [(1, "a")]


def test_refusals_come_before_the_table_grows(table: Table) -> None:
    table.publish(ONE)
    table.set_properties({"delta.setTransactionRetentionDuration": "interval 1 days"})
    before = table.log().version
    with pytest.raises(StateError):
        table.publish(GROWN, "append", identity=FIRST, declared=declared(more=BIGINT))
    assert table.log().version == before


def test_partition_columns_have_one_spelling(table: Table) -> None:
    with pytest.raises(DataError, match="cannot be partitioned by"):
        table.publish("SELECT 1::BIGINT AS id, now() AS at", partition_by=["at"])
    assert table.place.paths("_delta_log") == []


def test_a_contract_holds_for_the_first_publish_too(table: Table) -> None:
    with pytest.raises(DataError, match="name is string, declared bigint"):
        table.publish(ONE, declared=declared(name=BIGINT))
    assert table.place.paths("_delta_log") == []


def test_a_newer_format_is_refused_whatever_the_kind(table: Table) -> None:
    from deltalake import CommitProperties, Transaction

    table.publish(ONE)
    delta = table.delta
    newer = CommitProperties(app_transactions=[Transaction("odibi/format", 99)])
    delta.create_write_transaction([], "append", delta.schema(), [], commit_properties=newer)
    with pytest.raises(StateError, match="format 99"):
        table.publish(TWO)


def test_discard_leaves_no_staged_file(table: Table) -> None:
    write = table.write(TWO)
    assert write.staged is not None
    discard(write.staged)
    discard(write.staged)
    assert table.place.paths() == []
    with pytest.raises(StateError, match="missing"):
        publish(replace(write))
