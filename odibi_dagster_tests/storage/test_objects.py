"""The only way to bytes: list, read, write, delete, and what goes wrong. The same on every store."""

from __future__ import annotations

import os
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from obstore.exceptions import PreconditionError

from odibi_dagster.errors import ContainerNotFound, ObjectChanged, PermissionDenied, StorageError, Throttled
from odibi_dagster.storage import download
from odibi_dagster.storage import objects as module
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, using
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.http_server import Answer, http_server
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.storage.options import Options
from odibi_dagster_tests.stores import stores_of


def paths(url: Path | str, prefix: str = "") -> list[str]:
    batches = open_objects(str(url)).list(prefix)
    return sorted(path.as_py() for batch in batches for path in batch["path"])


def test_a_folder_that_is_not_there_has_no_objects(store_url: str) -> None:
    objects = open_objects(store_url)
    assert paths(store_url) == [] and objects.empty() and objects.head("x") is None
    objects.delete(["x"])
    assert objects.local() in (None, store_url)
    with pytest.raises(FileNotFoundError):
        objects.get("nope")
    with pytest.raises(FileNotFoundError):
        objects.copy("nope", "copy")


def test_looking_creates_nothing(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path / "nothing"))
    assert objects.head("x") is None and objects.empty()
    objects.delete(["x"])
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("name", ["a/b c/é%20=x.txt", "k=v/percent%25 +#?&", "deep/1/2/3/4.csv", "empty"])
def test_names_come_back_as_they_were_given(store_url: str, name: str) -> None:
    objects, data = open_objects(store_url), b"" if name == "empty" else b"bytes"
    objects.put(name, data)
    assert paths(store_url) == [name] and not objects.empty()
    assert objects.get(name) == data
    meta = objects.head(name)
    assert meta is not None and (meta.path, meta.size) == (name, len(data))
    objects.copy(name, "copy")
    assert objects.get("copy") == data
    objects.delete([name, "not/there", "copy"])
    assert objects.head(name) is None and paths(store_url) == []


def test_a_listing_and_a_look_agree(store_url: str) -> None:
    objects = open_objects(store_url)
    objects.put("a/x", b"1")
    (batch,) = [batch for batch in objects.list("a") if batch.num_rows]
    meta = objects.head("a/x")
    assert meta is not None and meta.etag and '"' not in meta.etag
    if objects.remote:
        assert batch["e_tag"].to_pylist() == [meta.etag]
    assert batch["path"].to_pylist() == ["a/x"]
    assert batch["size"].to_pylist() == [1] and batch["last_modified"].to_pylist() == [meta.modified]


def test_a_prefix_is_a_folder(store_url: str) -> None:
    objects = open_objects(store_url)
    for name in ("a/x", "a/b/y", "ab/z", "a.txt"):
        objects.put(name, b"1")
    assert paths(store_url, "a") == ["a/b/y", "a/x"]
    assert paths(store_url, "a/b") == ["a/b/y"] and objects.empty("b")
    assert paths(f"{store_url}/a") == ["b/y", "x"]


def test_of_eight_who_create_one_object_exactly_one_wins(store_url: str) -> None:
    objects, wins = open_objects(store_url), []
    threads = [
        threading.Thread(target=lambda i=i: wins.append(objects.put_if_absent("x", bytes([i]))))
        for i in range(8)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(wins) == [False] * 7 + [True]


def test_many_are_deleted_at_once(remote: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BULK", 16)
    objects = open_objects(remote.url("many"))
    names = [f"{number:03}" for number in range(40)]
    for name in names[:4] + names[-4:]:
        objects.put(name, b"1")
    objects.delete(names)  # most are not there, in every request
    assert objects.empty()


def test_one_that_cannot_be_deleted_is_told_beside_one_that_is_missing(azurite: Azurite) -> None:
    url = azurite.url("leased")
    with using(stores_of(azurite)), azurite.blobs() as blobs:
        objects = open_objects(url)
        objects.put("b", b"1")
        lease = blobs.get_blob_client("tests", objects._at.key("b")).acquire_lease()
        with pytest.raises(PermissionDenied, match="lease"):
            objects.delete(["a", "b"])
        lease.release()
        objects.delete(["a", "b"])
        assert objects.empty()


def test_files_go_both_ways_whole(store_url: str, tmp_path: Path) -> None:
    objects, here, back = open_objects(store_url), tmp_path / "here", tmp_path / "back"
    here.write_bytes(os.urandom(36 * 2**20 + 7))  # five parts, two ranges
    objects.upload(str(here), "deep/file")
    meta = objects.head("deep/file")
    assert meta is not None and meta.size == here.stat().st_size
    tracemalloc.start()
    objects.fetch("deep/file", str(back), if_match=meta.etag)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert back.read_bytes() == here.read_bytes()
    assert peak < 16 * 2**20 or store_url.startswith("memory"), peak


def test_an_object_that_changes_between_two_ranges_is_not_mixed(
    remote: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "RANGE", 4)
    objects, back = open_objects(remote.url("ranges")), tmp_path / "back"
    objects.put("x", b"one two three")
    objects.fetch("x", str(back))
    assert back.read_bytes() == b"one two three"
    key = objects._at.key("x")
    pieces = download.chunks(objects._at.store(), key, None, ranged=True)
    assert bytes(next(pieces)) == b"one "
    objects.put("x", b"ONE TWO THREE")
    with pytest.raises(PreconditionError):
        list(pieces)
    objects.put("empty", b"")
    objects.fetch("empty", str(back))
    assert back.read_bytes() == b""


def test_another_version_is_not_fetched(store_url: str, tmp_path: Path) -> None:
    objects, back = open_objects(store_url), tmp_path / "back"
    objects.put("x", b"old")
    meta = objects.head("x")
    assert meta is not None
    objects.put("x", b"newer")
    with pytest.raises(ObjectChanged, match="x"):
        objects.fetch("x", str(back), if_match=meta.etag)
    with pytest.raises(FileNotFoundError):
        objects.fetch("nope", str(back))
    assert not back.exists()


def test_what_cannot_be_written_here_is_a_storage_error(store_url: str, tmp_path: Path) -> None:
    objects = open_objects(store_url)
    objects.put("x", b"1")
    with pytest.raises((StorageError, FileNotFoundError)):
        objects.fetch("x", str(tmp_path / "no" / "folder"))
    with pytest.raises((StorageError, FileNotFoundError)):
        objects.upload(str(tmp_path / "nothing"), "x")
    assert objects.get("x") == b"1"


def test_a_missing_container_is_no_empty_folder(remote: Server) -> None:
    url = f"{remote.url().rpartition('://')[0]}://" + (
        "nothere@odibitests.dfs.core.windows.net/x" if remote.provider == "azure" else "nothere/x"
    )
    objects = open_objects(url)
    calls = [lambda: objects.empty(), lambda: objects.head("x"), lambda: objects.get("x")]
    if remote.provider == "azure":  # the other server makes a bucket for whoever writes to it
        calls += [lambda: objects.put("x", b""), lambda: objects.put_if_absent("x", b"")]
    for call in calls:
        with pytest.raises(ContainerNotFound, match="Create the"):
            call()


def test_markers_of_folders_in_azure_are_no_files(azurite: Azurite) -> None:
    url = azurite.url("markers")
    folder = url.rpartition("/")[2]
    with azurite.blobs() as blobs:
        container = blobs.get_container_client("tests")
        container.upload_blob(f"{folder}/a", b"", metadata={"hdi_isfolder": "true"})
        container.upload_blob(f"{folder}/a/x", b"1")
        container.upload_blob(f"{folder}/slash/", b"")
        container.upload_blob(f"{folder}/old_$folder$", b"")
        container.upload_blob(f"{folder}/empty.csv", b"")
    with using(stores_of(azurite)):
        assert paths(url) == ["a/x", "empty.csv"]
        assert open_objects(url).empty("slash")


def test_markers_of_folders_in_s3_are_no_files(seaweedfs: SeaweedFS) -> None:
    url = seaweedfs.url("markers")
    folder = url.rpartition("/")[2]
    for name in ("slash/", "deep/slash/", "deep/slash/x", "old_$folder$", "empty.csv"):
        seaweedfs.client().put_object(Bucket="tests", Key=f"{folder}/{name}", Body=b"1" * name.endswith("x"))
    with using(stores_of(seaweedfs)):
        assert paths(url) == ["deep/slash/x", "empty.csv"]
        assert open_objects(url).empty("slash")


def test_a_throttled_call_is_made_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    said, pauses = (
        [Answer(503)] * 3 + [Answer(200, b"1", {"Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"})],
        [],
    )
    sleep, asker = time.sleep, threading.get_ident()

    def pause(seconds: float) -> None:
        # Other threads of this process, servers of other tests, wait as they do.
        pauses.append(seconds) if threading.get_ident() == asker else sleep(seconds)

    monkeypatch.setattr(time, "sleep", pause)

    class Once:
        def obstore_options(self) -> dict[str, object]:
            return {}

        def obstore_retry(self) -> dict[str, object]:
            return {"max_retries": 0}

        def delta_options(self) -> dict[str, str]:
            return {}

    with http_server(lambda request: said.pop(0) if len(said) > 1 else said[0]) as endpoint:
        key = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_region": "us-east-1"}
        entry = Entry("s3", None, Options({**key, "aws_endpoint": endpoint}))
        with using(Stores([entry], Once())):
            assert open_objects("s3://bucket/folder").get("x") == b"1" and len(pauses) == 3
            said[:] = [Answer(503)]
            with pytest.raises(Throttled):
                open_objects("s3://bucket/folder").put("x", b"1")
            assert len(pauses) == 8


def test_a_place_that_cannot_be_written_names_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        open_objects(str(tmp_path / "file" / "below")).put("x", b"")


def test_a_name_that_no_store_can_hold_stops_the_listing_with_a_remedy(tmp_path: Path) -> None:
    open(os.path.join(os.fsencode(tmp_path), b"a\x01b"), "w").close()
    with pytest.raises(StorageError, match="Rename"):
        paths(tmp_path)
