"""Delta tables on every store: one commit or none, and never by surprise."""

from __future__ import annotations

import threading
from pathlib import Path

import deltalake
import duckdb
import pandas as pd
import pytest

from odibi_dagster import CloudAdapter
from odibi_dagster.errors import ConfigError, DataError, StateError, StorageError
from odibi_dagster_tests.cloud.test_files import SALES, ids, refused


def write(adapter: CloudAdapter, folder: str, frame: pd.DataFrame, mode: str = "overwrite") -> None:
    adapter.write(frame, folder, format="delta", mode=mode)  # type: ignore[arg-type]


def test_a_table_is_created_appended_to_and_replaced(adapter: CloudAdapter, folder: str) -> None:
    adapter.write(SALES, folder, format="delta", mode="error", partition_by=["year"])
    write(adapter, folder, SALES[:2], "append")
    found = adapter.read(folder)
    assert ids(found) == [1, 1, 2, 2, 3] and found.dtypes["at"] == "datetime64[us, UTC]"
    assert adapter.list(folder, pattern="*.parquet")[0].startswith(f"{folder}/year=")
    write(adapter, folder, adapter.read(folder)[:1])
    assert len(adapter.read(folder, format="delta", columns=["year", "id"])) == 1
    refused(lambda: write(adapter, folder, SALES, "error"), StateError, "replaces nothing")


def test_what_the_table_does_not_have_is_not_written(adapter: CloudAdapter, folder: str) -> None:
    write(adapter, folder, pd.DataFrame({"id": pd.Series([1], dtype="int32"), "x": [1.5]}))
    write(adapter, folder, pd.DataFrame({"x": [2.5], "id": [2]}), "append")  # 64 bits that fit into 32
    for frame, words in (
        (pd.DataFrame({"id": [2**40], "x": [1.0]}), "out of range"),
        (pd.DataFrame({"id": [1.7], "x": [1.0]}), "id is double, the table has int"),
        (pd.DataFrame({"id": ["7"], "x": [1.0]}), "id is string"),
        (pd.DataFrame({"id": [1], "x": [1.0], "new": [1]}), "new (bigint) is not in the table"),
        (pd.DataFrame({"id": [1]}), "x is missing"),
    ):
        for mode in ("append", "overwrite"):
            with pytest.raises(DataError, match=words.replace("(", r"\(").replace(")", r"\)")):
                write(adapter, folder, frame, mode)
    refused(
        lambda: adapter.write(
            pd.DataFrame({"id": [1], "x": [1.0]}), folder, format="delta", partition_by="id"
        ),
        ConfigError,
        "partitioned by nothing",
    )
    assert ids(adapter.read(folder)) == [1, 2]
    refused(lambda: adapter.write(SALES, f"{folder}/", format="parquet"), StateError, "is a Delta table")


def test_files_do_not_become_a_table(adapter: CloudAdapter, folder: str) -> None:
    adapter.write(SALES, f"{folder}/sales.csv")
    refused(lambda: write(adapter, folder, SALES), StateError, "no Delta table")
    refused(lambda: write(adapter, f"{folder}/sales.csv", SALES), StateError, "no Delta table")


def test_every_append_of_many_at_once_is_there_once(adapter: CloudAdapter, folder: str) -> None:
    failures: list[BaseException] = []

    def append(number: int) -> None:
        try:
            write(adapter, folder, pd.DataFrame({"id": [number]}), "append")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=append, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and ids(adapter.read(folder)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("mode", "expected"), [("append", [1, 2, 3]), ("overwrite", [3])])
def test_a_commit_of_somebody_else_in_between(
    adapter: CloudAdapter, folder: str, mode: str, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another row comes between the look at the table and the commit: an overwrite replaces it too."""
    write(adapter, folder, pd.DataFrame({"id": [1]}))
    real, before = deltalake.write_deltalake, []

    def late(*args: object, **keywords: object) -> None:
        if not before:
            before.append(1)
            options = adapter._target.stores.store_of(adapter._target.url()).delta_options()
            row = duckdb.connect().sql("SELECT CAST(2 AS BIGINT) AS id")
            real(adapter._target.url(folder), row, mode="append", storage_options=options)
        real(*args, **keywords)  # type: ignore[call-overload]

    monkeypatch.setattr(deltalake, "write_deltalake", late)
    write(adapter, folder, pd.DataFrame({"id": [3]}), mode)
    assert ids(adapter.read(folder)) == expected


def test_a_commit_whose_answer_was_lost_is_recognized(
    adapter: CloudAdapter, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(adapter, folder, pd.DataFrame({"id": [1]}))
    real, calls = deltalake.write_deltalake, []

    def lost(*args: object, **keywords: object) -> None:
        calls.append(1)
        real(*args, **keywords)  # type: ignore[call-overload]
        raise deltalake.exceptions.CommitFailedError("somebody was there first, and it was us")

    monkeypatch.setattr(deltalake, "write_deltalake", lost)
    write(adapter, folder, pd.DataFrame({"id": [2]}), "append")
    assert len(calls) == 1 and ids(adapter.read(folder)) == [1, 2]


@pytest.mark.parametrize("adapter", ["local"], indirect=True)
def test_a_failed_write_leaves_the_users_connection_free(
    adapter: CloudAdapter, folder: str, tmp_path: Path
) -> None:
    """The error is kept, as a notebook keeps it, and delta-rs' threads still hold the rows for a while."""
    adapter.write(pd.DataFrame({"id": [1], "day": ["x"]}), folder, format="delta", partition_by=["day"])
    (tmp_path / "files" / folder / "day=y").touch()  # where a folder is needed
    mine = duckdb.connect()
    for text, error in (
        ("SELECT range AS id, 'y' AS day FROM range(20000000)", StorageError),
        ("SELECT range AS id, if(range < 1000000, 'z', error('mine')) AS day FROM range(2000000)", DataError),
    ):
        with pytest.raises(error) as kept:
            adapter.write(mine.sql(text), folder, format="delta", mode="append")
        assert mine.execute("SELECT 42").fetchall() == [(42,)], kept
    assert "mine" in str(kept.value) and ids(adapter.read(folder)) == [1]


def test_features_that_would_be_ignored_are_refused(adapter: CloudAdapter, folder: str) -> None:
    write(adapter, folder, pd.DataFrame({"id": [1]}))
    log = f"{folder}/_delta_log/00000000000000000001.json"
    protocol = (
        '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,'
        '"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}'
    )
    adapter._target.objects().put(log, protocol.encode())
    refused(lambda: adapter.read(folder), StateError, "deletionVectors")
    refused(lambda: write(adapter, folder, pd.DataFrame({"id": [2]})), StateError, "deletionVectors")
