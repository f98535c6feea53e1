"""The only way to bytes: list, read, write, delete, and what goes wrong."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from odibi_dagster.errors import StorageError
from odibi_dagster.storage.objects import open_objects


def paths(url: Path, prefix: str = "") -> list[str]:
    batches = open_objects(str(url)).list(prefix)
    return sorted(path.as_py() for batch in batches for path in batch["path"])


def test_a_missing_folder_is_empty_and_is_not_created(tmp_path: Path) -> None:
    assert paths(tmp_path / "nothing") == []
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("name", ["a/b c/é%20=x.txt", "k=v/percent%25", "deep/1/2/3/4.csv"])
def test_names_come_back_as_they_were_given(tmp_path: Path, name: str) -> None:
    objects = open_objects(str(tmp_path))
    objects.put(name, b"bytes")
    assert (tmp_path / name).read_bytes() == b"bytes"
    assert paths(tmp_path) == [name]
    assert objects.get(name) == b"bytes"
    meta = objects.head(name)
    assert meta is not None and (meta.path, meta.size) == (name, 5)
    objects.delete([name, "not/there"])
    assert objects.head(name) is None


def test_of_eight_who_create_one_object_exactly_one_wins(tmp_path: Path) -> None:
    objects, wins = open_objects(str(tmp_path)), []
    threads = [
        threading.Thread(target=lambda i=i: wins.append(objects.put_if_absent("x", bytes([i]))))
        for i in range(8)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(wins) == [False] * 7 + [True]


def test_a_missing_object_is_file_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_objects(str(tmp_path)).get("nope")


def test_a_place_that_cannot_be_written_names_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        open_objects(str(tmp_path / "file" / "below")).put("x", b"")


def test_a_name_that_no_store_can_hold_stops_the_listing_with_a_remedy(tmp_path: Path) -> None:
    open(os.path.join(os.fsencode(tmp_path), b"a\x01b"), "w").close()
    with pytest.raises(StorageError, match="Rename"):
        paths(tmp_path)


def test_looking_creates_nothing(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path / "nothing"))
    assert objects.head("x") is None
    objects.delete(["x"])
    assert not (tmp_path / "nothing").exists()
