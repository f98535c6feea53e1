"""Jars are taken for whole only when each is there byte for byte, whatever happened while they came."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from odibi_dagster.cli.main import commands
from odibi_dagster.errors import StorageError
from odibi_dagster.spark import fetch as fetching
from odibi_dagster.spark import jars as listing
from odibi_dagster.spark.fetch import FETCHERS, fetch
from odibi_dagster.spark.ivy import MIRROR
from odibi_dagster.spark.jars import POM, expected, folder_in, missing, verified
from odibi_dagster_tests.services.http_server import Answer, Request, http_server
from odibi_dagster_tests.services.java import installed_java


@pytest.fixture(scope="module")
def whole() -> Path:
    """All jars, as they were fetched for all tests."""
    installed_java()
    return fetch()


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    """A home with a set of its own."""
    shutil.copytree(whole, folder_in(tmp_path))
    return tmp_path


def test_the_list_and_the_pom_agree(whole: Path) -> None:
    pom = POM.read_text(encoding="utf-8")
    names = {jar.artifact for jar in expected()}
    assert {"delta-spark_4.2_2.13", "hadoop-aws", "hadoop-azure", "wildfly-openssl", "sts"} <= names
    for jar in expected():
        if f"<artifactId>{jar.artifact}</artifactId>" in pom:
            assert jar.version in pom, jar
        with ZipFile(whole / jar.file) as content:
            assert content.testzip() is None
    assert verified(whole) == tuple(str(whole / jar.file) for jar in expected())


@pytest.mark.parametrize("damage", ["gone", "short", "changed"])
def test_a_damaged_jar_is_found_and_fetched_again(home: Path, whole: Path, damage: str) -> None:
    folder, jar = folder_in(home), expected()[3]
    path = folder / jar.file
    if damage == "gone":
        path.unlink()
    elif damage == "short":
        os.truncate(path, jar.size // 2)
    else:
        content = bytearray(path.read_bytes())
        content[jar.size // 2] ^= 1
        path.write_bytes(content)
    assert missing(folder) == (jar,)
    with pytest.raises(StorageError, match=r"1 of Spark's 46 jars .*\n.*delta-kernel.*\n.*spark-jars"):
        verified(folder)
    FETCHERS["copy"] = lambda part: shutil.copytree(whole, part, dirs_exist_ok=True) and None
    try:
        assert fetch(home, by="copy") == folder
    finally:
        del FETCHERS["copy"]
    assert not missing(folder) and not list(home.glob(".part-*"))


def test_what_a_mirror_replaced_is_refused(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(part: Path) -> None:
        shutil.copytree(whole, part, dirs_exist_ok=True)
        (part / expected()[0].file).write_bytes(b"<html>Not found</html>")

    monkeypatch.setitem(FETCHERS, "copy", lying)
    with pytest.raises(StorageError, match="1 of 46 jars were not delivered"):
        fetch(tmp_path, by="copy")
    assert not folder_in(tmp_path).exists() and not list(tmp_path.glob(".part-*"))


def _slowly(home: Path, whole: Path) -> None:
    def half(part: Path) -> None:
        for jar in expected()[:23]:
            shutil.copy(whole / jar.file, part)
        time.sleep(60)

    FETCHERS["copy"] = half
    fetch(home, by="copy")


def test_a_fetch_that_is_killed_leaves_nothing_that_looks_whole(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_slowly, args=(tmp_path, whole))
    child.start()
    while len(list(tmp_path.glob(".part-*/*.jar"))) < 23:
        assert child.is_alive()
        time.sleep(0.02)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    assert len(list(tmp_path.glob(".part-*/*.jar"))) == 23
    assert not folder_in(tmp_path).exists()
    monkeypatch.setitem(
        FETCHERS, "copy", lambda part: shutil.copytree(whole, part, dirs_exist_ok=True) and None
    )
    assert not missing(fetch(tmp_path, by="copy"))
    assert not list(tmp_path.glob(".part-*"))


@pytest.fixture
def mirror(whole: Path) -> Iterator[tuple[str, list[str]]]:
    """A Maven repository with these jars and nothing else, and what was asked of it."""
    paths = {f"/{j.group.replace('.', '/')}/{j.artifact}/{j.version}/{j.file}": j.file for j in expected()}
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.path)
        path, _, sha1 = request.path.partition(".sha1")
        if path not in paths:
            return Answer(404)
        content = (whole / paths[path]).read_bytes()
        if request.path.endswith(".sha1"):
            return Answer(200, hashlib.sha1(content).hexdigest().encode())
        return Answer(200, content) if not sha1 and request.path == path else Answer(404)

    with http_server(answer) as url:
        yield url, asked


def test_the_ivy_of_pyspark_fetches_from_a_mirror(
    tmp_path: Path, mirror: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = mirror
    monkeypatch.setenv(MIRROR, f"{url}/")
    folder = fetch(tmp_path, by="ivy")
    assert not missing(folder)
    assert {path.rpartition("/")[2] for path in asked if path.endswith(".jar")} == {
        j.file for j in expected()
    }


def test_a_repository_that_is_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(lambda request: Answer(404)) as url:
        monkeypatch.setenv(MIRROR, f"{url}/")
        with pytest.raises(StorageError, match="Ivy could not fetch") as caught:
            fetch(tmp_path, by="ivy")
    assert "software.amazon.s3.analyticsaccelerator#analyticsaccelerator-s3;1.3.1: not found" in str(
        caught.value
    )
    assert not folder_in(tmp_path).exists()


def test_the_command(home: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "default_home", lambda: home)
    monkeypatch.setattr(fetching, "default_home", lambda: home)
    (folder_in(home) / expected()[5].file).unlink()
    run = CliRunner()
    told = run.invoke(commands, ["spark-jars", "--check"])
    assert told.exit_code == 1 and expected()[5].file in told.output and "to do: odibi-dagster" in told.output
    monkeypatch.setitem(
        FETCHERS, "ivy", lambda part: shutil.copytree(whole, part, dirs_exist_ok=True) and None
    )
    told = run.invoke(commands, ["spark-jars", "--by", "ivy"])
    assert told.exit_code == 0 and "Fetched 46 jars, 27.5 MB" in told.stdout
    assert "pyspark's Ivy fetches 46 jars" in told.stderr
    told = run.invoke(commands, ["spark-jars", "--json"])
    assert '"fetched": false' in told.stdout and '"missing": []' in told.stdout
