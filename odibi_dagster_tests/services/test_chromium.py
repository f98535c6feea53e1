from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from odibi_dagster_tests.services import chromium


def test_the_first_browser_on_the_path_is_taken(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert chromium.find({"PATH": str(tmp_path)}, ()) == program


def test_a_macos_application_is_found(tmp_path: Path) -> None:
    program = tmp_path / "Google Chrome"
    program.touch()
    assert chromium.find({"PATH": str(tmp_path / "none")}, (str(program),)) == program


def test_the_variable_comes_first(tmp_path: Path) -> None:
    program = tmp_path / "my browser"
    program.touch()
    assert chromium.find({chromium.VARIABLE: str(program), "PATH": "/usr/bin"}) == program


def test_a_variable_that_names_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(chromium.NoBrowser, match="no such file"):
        chromium.find({chromium.VARIABLE: str(tmp_path / "none")})


def test_without_a_browser_the_command_fails_and_says_how_to_get_one(tmp_path: Path) -> None:
    # No browser and no apt-get on this path; on macOS the applications would still be found.
    code = (
        "import sys; from odibi_dagster_tests.services import chromium; chromium.APPLICATIONS = ();"
        "chromium.find.__defaults__ = (chromium.os.environ, ());"
        "\ntry: chromium.install()\nexcept chromium.NoBrowser as e: sys.exit(str(e))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PATH": str(tmp_path), chromium.VARIABLE: ""},
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
    assert "brew install" in done.stderr
