from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from odibi_dagster_tests.services.installed import NotInstalled, call, installed


def _install(cache: str) -> None:
    def fill(folder: Path) -> None:
        with (Path(cache) / "times").open("a") as file:
            file.write("once\n")
        time.sleep(0.3)
        (folder / "program").touch()

    assert (installed("thing-1.0", fill, Path(cache)) / "program").exists()


def test_several_processes_install_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=_install, args=(str(tmp_path),)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4
    assert (tmp_path / "times").read_text() == "once\n"


def test_what_failed_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        call(["false"], "Ask a friend.")

    with pytest.raises(NotInstalled, match="Ask a friend"):
        installed("thing-1.0", fail, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_missing_installer_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="`no-such-program` is missing"):
        installed("x", lambda folder: call(["no-such-program"], ""), tmp_path)
