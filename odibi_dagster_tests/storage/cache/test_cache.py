"""The cache: each file is fetched once, whole or not at all, and what is used stays."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from odibi_dagster.errors import StateError, StorageError
from odibi_dagster.storage.cache import Cache, RemoteFile
from odibi_dagster.storage.objects import Objects

KB = 1000


class Remote:
    """A folder that plays the store, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()
        folder.mkdir()

    def files(self, *sizes: int) -> list[RemoteFile]:
        for number, size in enumerate(sizes):
            (self.folder / f"{number}.parquet").write_bytes(bytes([number]) * size)
        return [RemoteFile(str(self.folder), f"{n}.parquet", size) for n, size in enumerate(sizes)]


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    made, real = Remote(tmp_path / "remote"), Objects.fetch

    def fetch(objects: Objects, path: str, target: str, if_match: str | None = None) -> None:
        made.asked.append(path)
        real(objects, path, target, if_match)

    monkeypatch.setattr(Objects, "fetch", fetch)
    return made


def cache(tmp_path: Path, size: int = 1000 * KB, age: float = 3600.0) -> Cache:
    return Cache(str(tmp_path / "cache"), size=size, age=age)


def kept(tmp_path: Path) -> list[int]:
    """The sizes of all that the cache's folder holds, without its locks."""
    found = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != "gate"]
    return sorted(path.stat().st_size for path in found)


def take(cache: Cache, files: Sequence[RemoteFile]) -> bool:
    with cache.session() as held:
        return held.fetch(files, "for a test")


def test_a_file_is_fetched_once_and_kept_whole(remote: Remote, tmp_path: Path) -> None:
    files = remote.files(KB, 2 * KB)
    with cache(tmp_path).session() as held:
        assert held.fetch(files, "x") and held.fetch(files, "x")
        assert [Path(held.path(file)).read_bytes() for file in files] == [b"\0" * KB, b"\1" * 2 * KB]
    assert take(cache(tmp_path), files) and sorted(remote.asked) == ["0.parquet", "1.parquet"]
    assert kept(tmp_path) == [KB, 2 * KB]
    assert os.stat(tmp_path / "cache" / "files").st_mode & 0o77 == 0


def test_another_url_or_size_is_another_file(remote: Remote, tmp_path: Path) -> None:
    one = remote.files(KB)[0]
    assert (
        len({one.key, RemoteFile(one.url + "2", one.path, KB).key, RemoteFile(one.url, one.path, 1).key}) == 3
    )


def test_what_has_another_size_than_the_log_says_is_refused(remote: Remote, tmp_path: Path) -> None:
    remote.files(KB)
    wrong = RemoteFile(str(remote.folder), "0.parquet", KB + 1)
    with pytest.raises(StateError, match="1000 bytes, the log says 1001"):
        take(cache(tmp_path), [wrong])
    assert kept(tmp_path) == []


def test_a_file_that_is_missing_is_named(remote: Remote, tmp_path: Path) -> None:
    gone = RemoteFile(str(remote.folder), "gone.parquet", KB)
    with pytest.raises(FileNotFoundError, match=r"remote/gone\.parquet"):
        take(cache(tmp_path), [*remote.files(KB), gone])
    assert take(cache(tmp_path), remote.files(KB))


def test_a_folder_that_cannot_be_made_is_told(remote: Remote, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"(?s)cache's folder cannot be made.*`cache: off`"):
        take(cache(tmp_path), remote.files(KB))


def test_the_longest_unused_goes_when_there_is_no_room(remote: Remote, tmp_path: Path) -> None:
    files = remote.files(*[100 * KB] * 4)
    small = cache(tmp_path, size=300 * KB)
    for file in files[:3]:
        assert take(small, [file])
        time.sleep(0.02)
    assert take(small, files[:1])  # used again: the second is the oldest now
    assert take(small, files[3:])
    remote.asked.clear()
    assert take(small, [files[0], files[2], files[3]]) and remote.asked == []
    assert take(small, [files[1]]) and remote.asked == ["1.parquet"]
    assert sum(kept(tmp_path)) <= 300 * KB


def test_what_nobody_asked_for_goes_after_a_while(remote: Remote, tmp_path: Path) -> None:
    files = remote.files(KB, 2 * KB)
    assert take(cache(tmp_path), files[:1])
    time.sleep(0.05)
    assert take(cache(tmp_path, age=0.04), files[1:])
    assert kept(tmp_path) == [2 * KB]


def test_what_a_session_uses_stays(remote: Remote, tmp_path: Path) -> None:
    files = remote.files(*[100 * KB] * 3)
    small = cache(tmp_path, size=200 * KB)
    with small.session() as held:
        assert held.fetch(files[:2], "x")
        assert not take(small, files[2:])  # it does not fit beside what is in use
        assert all(os.path.exists(held.path(file)) for file in files[:2])
        assert "2.parquet" not in remote.asked
    assert take(small, files[2:])


def test_what_is_larger_than_the_cache_is_not_fetched(remote: Remote, tmp_path: Path) -> None:
    files = remote.files(100 * KB, 100 * KB)
    assert not take(cache(tmp_path, size=150 * KB), files)
    assert remote.asked == []
    assert take(cache(tmp_path, size=150 * KB), files[:1])  # its room was given back


def written(tmp_path: Path, *sizes: int) -> dict[RemoteFile, str]:
    """Files that somebody has staged here and uploaded."""
    folder = tmp_path / "scratch"
    folder.mkdir(exist_ok=True)
    made = {}
    for number, size in enumerate(sizes):
        path = folder / f"{number}.parquet"
        path.write_bytes(bytes([number + 100]) * size)
        made[RemoteFile("s3://bucket/table", f"staged/{number}.parquet", size)] = str(path)
    return made


@pytest.mark.parametrize("one_disk", [True, False])
def test_what_was_written_here_stays_as_copies(
    remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_disk: bool
) -> None:
    if not one_disk:

        def refuse(*_: object) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", refuse)
    files = written(tmp_path, KB, 2 * KB)
    with cache(tmp_path).session() as held:
        held.keep(files)
    shutil.rmtree(tmp_path / "scratch")
    with cache(tmp_path).session() as held:
        assert held.fetch(list(files), "x")
        assert [Path(held.path(file)).read_bytes() for file in files] == [b"d" * KB, b"e" * 2 * KB]
    assert remote.asked == [] and kept(tmp_path) == [KB, 2 * KB]


def test_what_was_written_takes_no_more_room_than_there_is(remote: Remote, tmp_path: Path) -> None:
    files, old = written(tmp_path, 100 * KB, 100 * KB), remote.files(KB, 100 * KB)
    small = cache(tmp_path, size=150 * KB)
    assert take(small, old)
    with small.session() as held:
        held.keep(files)  # more than there can ever be: nothing goes for it
    assert kept(tmp_path) == [KB, 100 * KB]
    with small.session() as held:
        assert held.fetch(old[1:], "x")
        held.keep(dict(list(files.items())[:1]))  # not beside what is in use
    assert kept(tmp_path) == [KB, 100 * KB]
    with small.session() as held:
        held.keep(dict(list(files.items())[:1]))
        assert kept(tmp_path)[-1:] == [100 * KB] and sum(kept(tmp_path)) <= 150 * KB
        assert not held.fetch(old[1:], "x")  # what was written is in use until the session ends


def test_a_file_that_is_not_what_was_uploaded_is_not_kept(
    remote: Remote, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, cut = written(tmp_path, KB, 2 * KB).items()
    Path(cut[1]).write_bytes(b"half")
    with cache(tmp_path).session() as held:
        held.keep(dict([whole, cut]))
    assert kept(tmp_path) == [KB] and "is not kept in the cache" in caplog.text


CHILD = """
import os, sys, time
from odibi_dagster.storage.cache import Cache, RemoteFile
from odibi_dagster.storage.objects import Objects
mode, folder, remote, log = sys.argv[1:]
real = Objects.fetch
def fetch(self, path, target, if_match=None):
    with open(log, "a") as lines: lines.write(path + "\\n")
    if mode == "dies":
        with open(target, "wb") as half: half.write(b"\\0" * 500)
        os.write(1, b"half\\n")
        time.sleep(60)
    time.sleep(0.2)
    real(self, path, target, if_match)
Objects.fetch = fetch
files = [RemoteFile(remote, f"{n}.parquet", 1000) for n in range(3)]
with Cache(folder, size=int(os.environ["SIZE"]), age=3600).session() as held:
    assert held.fetch(files, "x")
    if mode == "keeps and dies":
        real_sync, written = os.fsync, RemoteFile("s3://bucket/table", "new.parquet", 1000)
        with open(remote + "/new.parquet", "wb") as new: new.write(b"n" * 1000)
        def sync(handle):
            os.write(1, b"linked\\n")
            time.sleep(60)
        os.fsync = sync
        held.keep({written: remote + "/new.parquet"})
    if mode == "stays":
        print("there", flush=True)
        time.sleep(60)
"""


@pytest.fixture
def children(remote: Remote, tmp_path: Path) -> Iterator[Children]:
    made = Children(remote, tmp_path)
    yield made
    made.end()


class Children:
    """Other processes that use the same cache."""

    def __init__(self, remote: Remote, tmp_path: Path) -> None:
        self.remote, self.path, self.log = remote, tmp_path, tmp_path / "log"
        self.all = list[subprocess.Popen[str]]()

    def start(self, mode: str, size: int = 1000 * KB) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CHILD, mode, str(self.path / "cache"), str(self.remote.folder)]
        child = subprocess.Popen(
            [*command, str(self.log)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "SIZE": str(size)},
        )
        self.all.append(child)
        return child

    def end(self) -> None:
        for child in self.all:
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


def says(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_processes_fetch_a_file_once_between_them(children: Children, remote: Remote, tmp_path: Path) -> None:
    remote.files(KB, KB, KB)
    running = [children.start("fetches") for _ in range(3)]
    assert [child.wait(60) for child in running] == [0, 0, 0]
    assert sorted(children.log.read_text().split()) == ["0.parquet", "1.parquet", "2.parquet"]
    assert kept(tmp_path) == [KB, KB, KB]


def test_a_process_that_is_killed_while_it_keeps_what_it_wrote_leaves_nothing_that_counts(
    children: Children, remote: Remote, tmp_path: Path
) -> None:
    remote.files(KB, KB, KB)
    child = children.start("keeps and dies")
    assert says(child) == "linked"
    child.kill()
    child.wait()
    new = RemoteFile("s3://bucket/table", "new.parquet", KB)
    with cache(tmp_path).session() as held:
        assert not os.path.exists(held.path(new))
        assert held.fetch(remote.files(KB, KB, KB, 2 * KB), "x")
    assert kept(tmp_path) == [KB, KB, KB, 2 * KB]  # its half, its lock and its lease are gone


def test_a_process_that_is_killed_while_it_fetches_leaves_nothing_that_counts(
    children: Children, remote: Remote, tmp_path: Path
) -> None:
    files = remote.files(KB, KB, KB)
    child = children.start("dies")
    assert says(child) == "half"
    child.kill()
    child.wait()
    (remote.folder / "other.parquet").write_bytes(b"o" * KB)
    assert take(cache(tmp_path), [RemoteFile(str(remote.folder), "other.parquet", KB)])
    assert kept(tmp_path) == [KB]  # its halves, its locks and its lease are gone
    with cache(tmp_path).session() as held:
        assert held.fetch(files, "x")
        assert [Path(held.path(file)).read_bytes() for file in files] == [bytes([n]) * KB for n in range(3)]
    assert kept(tmp_path) == [KB] * 4


def test_what_a_living_process_uses_stays_and_what_a_dead_one_used_goes(
    children: Children, remote: Remote, tmp_path: Path
) -> None:
    remote.files(KB, KB, KB)
    child = children.start("stays", size=3 * KB)
    assert says(child) == "there"
    (remote.folder / "new.parquet").write_bytes(b"n" * KB)
    new = RemoteFile(str(remote.folder), "new.parquet", KB)
    assert not take(cache(tmp_path, size=3 * KB), [new])
    assert kept(tmp_path)[-3:] == [KB, KB, KB]
    child.kill()
    child.wait()
    assert take(cache(tmp_path, size=3 * KB), [new])
    assert sum(kept(tmp_path)) == 3 * KB
