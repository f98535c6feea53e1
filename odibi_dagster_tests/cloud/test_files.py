"""Files on every store: written, read, listed, copied and deleted by what a user calls."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from arro3.core import RecordBatchReader

from odibi_dagster import CloudAdapter
from odibi_dagster.cloud import write
from odibi_dagster.cloud.copies import bring
from odibi_dagster.errors import (
    ConfigError,
    DataError,
    ObjectChanged,
    ObjectNotFound,
    StateError,
    TimedOut,
)
from odibi_dagster.storage.objects import Objects

DAY = datetime.date(2024, 1, 31)
SALES = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Zoë", None, "a,b\n"],
        "amount": [Decimal("1.10"), None, Decimal("3.30")],
        "at": pd.to_datetime(["2024-01-31 10:00:00.000001"] * 3),
        "day": [DAY] * 3,
        "year": ["2023", "2024", "2024"],
    }
)


def ids(frame: pd.DataFrame) -> list[int]:
    return sorted(frame["id"].tolist())


def refused(call: Callable[[], Any], error: type[Exception], *words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


def test_a_file_comes_back_as_it_was(adapter: CloudAdapter, folder: str) -> None:
    for name in ("sales.parquet", "sales.csv", "sales.json", "sales.jsonl", "sales.csv.gz"):
        path = f"{folder}/{name}"
        adapter.write(SALES, path)
        found = adapter.read(path)
        assert found["id"].tolist() == [1, 2, 3]
        assert found["name"].tolist() == ["Zoë", None, "a,b\n"]
        assert found["at"].tolist() == SALES["at"].tolist()
        assert found["day"].tolist() == [DAY] * 3
        assert list(found.columns) == list(SALES.columns)
    assert adapter.read(f"{folder}/sales.parquet")["amount"].tolist() == SALES["amount"].tolist()


def test_columns_results_and_sources(adapter: CloudAdapter, folder: str) -> None:
    path = f"{folder}/sales.parquet"
    adapter.write(SALES, path)
    relation = adapter.read(path, as_="duckdb")
    assert relation.filter("id > 1").aggregate("count(*)").fetchall() == [(2,)]
    table = adapter.read(path, as_="arrow", columns=["year", "id"])
    assert table.schema.names == ["year", "id"] and table.num_rows == 3
    once = RecordBatchReader.from_arrow(table)
    for number, data in enumerate((relation, table, once, duckdb.connect().sql("SELECT 7 AS id"))):
        adapter.write(data, f"{folder}/{number}.parquet")
        assert ids(adapter.read(f"{folder}/{number}.parquet")) == ([7] if number == 3 else [1, 2, 3])
    broken = duckdb.connect().sql("SELECT CAST(x AS INTEGER) AS id FROM (VALUES ('1'), ('x')) AS t(x)")
    refused(lambda: adapter.write(broken, path), DataError, "x")
    assert adapter.read(path, as_="arrow").num_rows == 3
    refused(lambda: adapter.read(path, columns=["nmae"]), ConfigError, "Did you mean `name`?")
    refused(lambda: adapter.write([{"id": 1}], path), DataError, "pandas.DataFrame")
    refused(lambda: adapter.write(SALES.set_index("id"), path), DataError, "reset_index")


def test_overwrite_append_and_error_of_one_file(adapter: CloudAdapter, folder: str) -> None:
    path = f"{folder}/sales.csv"
    adapter.write(SALES, path, mode="error")
    refused(lambda: adapter.write(SALES[:1], path, mode="error"), StateError, "replaces nothing")
    assert len(adapter.read(path)) == 3
    adapter.write(SALES[:1], path)
    assert len(adapter.read(path)) == 1
    refused(lambda: adapter.write(SALES, path, mode="append"), ConfigError, f"'{path}/'", "delta")
    refused(lambda: adapter.write(SALES, path, mode="upsert"), ConfigError, "overwrite")  # type: ignore[arg-type]


def test_partitioned_folders_and_patterns(adapter: CloudAdapter, folder: str) -> None:
    path = f"{folder}/sales"
    adapter.write(SALES, path, format="parquet", partition_by=["year"])
    assert all("/year=202" in file for file in adapter.list(path))
    assert sorted(adapter.read(path)["year"].tolist()) == ["2023", "2024", "2024"]
    within = adapter.read(f"{path}/year=2024/")
    assert ids(within) == [2, 3] and within["year"].tolist() == ["2024", "2024"]
    assert ids(adapter.read(f"{path}/year=*/*.parquet")) == [1, 2, 3]
    assert ids(adapter.read(f"{folder}/{{nothing,sales}}/year=2023")) == [1]
    adapter.write(SALES[:1], path, format="parquet", mode="append", partition_by="year")
    assert ids(adapter.read(path)) == [1, 1, 2, 3]
    adapter.write(SALES[2:], path, format="parquet", partition_by="year")
    assert ids(adapter.read(path)) == [3]
    refused(
        lambda: adapter.write(SALES, path, format="parquet", mode="error", partition_by="year"), StateError
    )
    refused(lambda: adapter.write(SALES, f"{path}/", format="csv"), StateError, "other files than .csv")
    refused(lambda: adapter.write(SALES.assign(year=""), f"{folder}/x.csv", partition_by="year"), DataError)
    assert ids(adapter.read(path)) == [3]


def test_partition_values_and_names_of_every_kind(adapter: CloudAdapter, folder: str) -> None:
    values = ["a b", "ä/ö", "x*y?[z]", "{c}", "100%", "=", "#+&"]
    frame = pd.DataFrame({"id": range(len(values)), "k": values})
    adapter.write(frame, f"{folder}/odd/", format="csv", partition_by="k")
    found = adapter.read(f"{folder}/odd").sort_values("id")
    assert found["k"].tolist() == values
    adapter._target.objects(folder).put("raw/k=x*[z]/1.csv", b"id\n1\n")  # as others spell them
    assert adapter.read(f"{folder}/raw")["k"].tolist() == ["x*[z]"]
    adapter.write(frame, f"{folder}/a [1]*.parquet")
    adapter.write(frame, f"{folder}/a [1]x.parquet")
    assert len(adapter.read(f"{folder}/a [1]*.parquet")) == len(values)  # that very file, and no pattern


def test_files_of_different_columns_go_together_by_name(adapter: CloudAdapter, folder: str) -> None:
    adapter.write(pd.DataFrame({"id": [1], "old": ["o"]}), f"{folder}/d/", format="json", mode="append")
    adapter.write(pd.DataFrame({"new": [2.5], "id": [2]}), f"{folder}/d/", format="json", mode="append")
    found = adapter.read(f"{folder}/d").sort_values("id")
    assert found["id"].tolist() == [1, 2] and found["old"].tolist() == ["o", None]


def test_list_matches_names_below_the_path(adapter: CloudAdapter, folder: str) -> None:
    for name in ("a.csv", "deep/er/b.csv", "deep/c.json", "deep/_SUCCESS"):
        adapter.write(SALES, f"{folder}/{name}", format="json" if name.endswith("json") else "csv")
    names = [f"{folder}/{name}" for name in ("a.csv", "deep/c.json", "deep/er/b.csv")]
    found = adapter.list(folder)
    assert found == names and all(file.size > 50 and file.modified.tzinfo for file in found)
    assert adapter.list(f"{folder}/", pattern="*.csv") == [names[0], names[2]]
    assert adapter.list(folder, pattern="deep/*.json") == [names[1]]
    assert set(names) <= set(adapter.list("", pattern="*.[cj]s*"))
    assert adapter.list(names[0]) == [names[0]] and adapter.list(f"{folder}/none") == []
    assert [len(adapter.read(file)) for file in found] == [3, 3, 3]


def test_exists_delete_and_copy(adapter: CloudAdapter, folder: str) -> None:
    path = f"{folder}/sub/sales.parquet"
    assert not adapter.exists(path) and not adapter.exists(folder)
    adapter.write(SALES, path)
    assert adapter.exists(path) and adapter.exists(f"{folder}/sub") and adapter.exists(f"{folder}/sub/")
    assert not adapter.exists(f"{folder}/su") and not adapter.exists(f"{path}/")
    adapter.copy(path, f"{folder}/copy.parquet")
    assert ids(adapter.read(f"{folder}/copy.parquet")) == [1, 2, 3]
    refused(lambda: adapter.copy(f"{folder}/none", f"{folder}/x"), ObjectNotFound, f"{folder}/none")
    refused(lambda: adapter.delete(folder), ConfigError, f"'{folder}/**'")
    assert adapter.delete(path) == 1 and adapter.delete(path) == 0 and not adapter.exists(path)
    assert adapter.delete(f"{folder}/**") == 1 and not adapter.exists(folder)


def test_what_cannot_be_read_is_told_with_its_name(adapter: CloudAdapter, folder: str) -> None:
    refused(lambda: adapter.read(f"{folder}/none.csv"), ObjectNotFound, f"{folder}/none.csv")
    adapter.write(SALES, f"{folder}/sales.csv")
    path = f"{folder}/sales.csv"
    refused(lambda: adapter.read(path, format="parquet"), DataError, f"'{path}'", "format=")
    refused(lambda: adapter.read(path, format="delta"), ObjectNotFound, "_delta_log")
    refused(lambda: adapter.read(path, format="avro"), ConfigError, "parquet")  # type: ignore[call-overload]
    refused(lambda: adapter.read(f"{folder}/../x.csv"), ConfigError)
    refused(lambda: adapter.write(SALES, f"{folder}/sales"), ConfigError, "format=")
    refused(lambda: adapter.write(SALES, "", format="csv"), ConfigError)
    refused(lambda: adapter.write(SALES, f"{path}/", format="csv"), StateError, "a file of this name")


def test_no_line_of_a_text_file_is_left_out(adapter: CloudAdapter, folder: str) -> None:
    objects = adapter._target.objects(folder)
    for name, text in (
        ("long.csv", "id,code\n1,2\n2,3,4,5\n"),
        ("short.csv", "id,code\n1,2\n3\n"),
        ("cut.json", '{"id":1}\n{"id":\n'),
        ("empty.csv", ""),
    ):
        objects.put(name, text.encode())
        refused(lambda name=name: adapter.read(f"{folder}/{name}"), DataError, name)  # type: ignore[misc]
    late = "id,code\n" + "1,007\n" * 30_000 + "2,x\n"  # the last row says that it is no number
    objects.put("late.csv", late.encode())
    assert adapter.read(f"{folder}/late.csv")["code"].tolist()[-2:] == ["007", "x"]
    objects.put("semicolon.csv", b"id;code\n1;x\n")
    assert adapter.read(f"{folder}/semicolon.csv").to_dict("list") == {"id": [1], "code": ["x"]}
    adapter.write(pd.DataFrame({"id": [1, 2], "code": ["", None]}), f"{folder}/nothing.csv")
    assert adapter.read(f"{folder}/nothing.csv")["code"].tolist() == ["", None]
    objects.put("only-texts.csv", b"name,city\nZo\xc3\xab,K\xc3\xb8benhavn\n")
    assert adapter.read(f"{folder}/only-texts.csv")["city"].tolist() == ["København"]


def test_whole_urls_of_the_place_and_of_no_other(adapter: CloudAdapter, folder: str) -> None:
    adapter.write(SALES, f"{folder}/sales.csv")
    url = f"{adapter._target.url()}/{folder}/sales.csv"
    assert len(adapter.read(url)) == 3
    refused(lambda: adapter.read("s3://elsewhere/sales.csv"), ConfigError, "is not in")


def test_a_large_file_is_created_once(adapter: CloudAdapter, folder: str) -> None:
    rows = duckdb.connect().sql("SELECT range AS id, hash(range) AS h FROM range(1_500_000)")
    adapter.write(rows, f"{folder}/large.parquet", mode="error")
    (file,) = adapter.list(folder)
    assert file.size > 12_000_000
    read = adapter.read(file, as_="duckdb")
    assert read.aggregate("count(*), sum(hash(id) = h)").fetchall() == [(1_500_000, 1_500_000)]
    refused(lambda: adapter.write(rows, f"{folder}/large.parquet", mode="error"), StateError)


@pytest.mark.parametrize("adapter", ["local", "seaweedfs"], indirect=True)
def test_a_larger_one_is_refused_where_it_is_one_request(
    adapter: CloudAdapter, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "CREATED_AT_MOST", 100)
    path = f"{folder}/sales.csv"
    if not adapter._target.place.remote:
        adapter.write(SALES, path, mode="error")
        assert len(adapter.read(path)) == 3
        return
    refused(lambda: adapter.write(SALES, path, mode="error"), ConfigError, f"'{path}/'", "at most 100")
    assert not adapter.exists(path)
    adapter.write(SALES, path)  # in parts
    adapter.write(SALES, f"{folder}/sales/", format="csv", mode="error")
    assert len(adapter.read(path)) == len(adapter.read(f"{folder}/sales")) == 3


def test_of_many_writers_of_one_file_one_wins(adapter: CloudAdapter, folder: str) -> None:
    won: list[int] = []
    together = threading.Barrier(6)

    def create(number: int) -> None:
        together.wait()
        with contextlib.suppress(StateError):
            adapter.write(pd.DataFrame({"id": [number]}), f"{folder}/one.json", mode="error")
            won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids(adapter.read(f"{folder}/one.json")) == won


@pytest.mark.parametrize("adapter", ["azurite", "seaweedfs"], indirect=True)
def test_a_file_that_changed_since_it_was_listed_is_not_read(
    adapter: CloudAdapter, folder: str, tmp_path: Path
) -> None:
    adapter.write(SALES, f"{folder}/sales.csv")
    listed = adapter.list(folder)
    adapter.write(SALES[1:], f"{folder}/sales.csv")
    with pytest.raises(ObjectChanged):
        bring(adapter._target, listed, str(tmp_path))


def test_a_folder_keeps_its_old_files_when_the_new_ones_do_not_arrive(
    adapter: CloudAdapter, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter.write(SALES, f"{folder}/sales/", format="csv", partition_by="year")
    before, real = adapter.list(folder), Objects.upload

    def breaks(objects: Objects, local_file: str, path: str) -> None:
        real(objects, local_file, path)
        if "year=2024" in path:
            raise TimedOut("The store did not answer in time.")

    monkeypatch.setattr(Objects, "upload", breaks)
    for mode in ("overwrite", "append"):
        with pytest.raises(TimedOut):
            adapter.write(SALES, f"{folder}/sales/", format="csv", mode=mode, partition_by="year")  # type: ignore[arg-type]
    assert adapter.list(folder) == before


def test_nothing_stays_on_this_machine(
    adapter: CloudAdapter, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    adapter.write(SALES, f"{folder}/sales/", format="parquet", partition_by="year")
    relation = adapter.read(f"{folder}/sales", as_="duckdb")
    with pytest.raises(DataError):
        adapter.read(f"{folder}/sales", format="csv", columns=["nothing"])
        adapter.read(f"{folder}/sales", format="json")
    assert list(temporary.iterdir()) == [] and len(relation.fetchall()) == 3
