"""A browser for the tests of the UI: `python -m odibi_dagster_tests.services.chromium` sees to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

#: The variable that names a browser in an unusual place.
VARIABLE = "ODIBI_CHROMIUM"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

#: Without these, a browser in a closed network spends its time calling home.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

HOW_TO = f"""The tests of the UI need Chromium or Chrome, and there is none.
  Debian, Ubuntu:  sudo apt-get install chromium
  macOS:           brew install --cask chromium
  elsewhere:       set {VARIABLE} to the program's path
As root, where apt-get is, this command installs Debian's package by itself."""


class NoBrowser(RuntimeError):
    """There is no browser; the message says how to get one."""


def find(variables: Mapping[str, str] = os.environ, applications: Sequence[str] = APPLICATIONS) -> Path:
    """The browser's program.

    Raises:
        NoBrowser: there is none, or the variable names a file that is not there.
    """
    if named := variables.get(VARIABLE):
        if not Path(named).is_file():
            raise NoBrowser(f"{VARIABLE} names {named}, and there is no such file.")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name, path=variables.get("PATH")):
            return Path(found)
    for application in applications:
        if Path(application).is_file():
            return Path(application)
    raise NoBrowser(HOW_TO)


def flags() -> list[str]:
    """The command-line flags for a headless browser on this machine; root has no sandbox."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def install() -> Path:
    """The browser's program; Debian's package is installed first where it is missing and we may.

    Raises:
        NoBrowser: it is missing, and only a person can install it.
    """
    try:
        return find()
    except NoBrowser:
        if os.environ.get(VARIABLE) or os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    print("Installing Chromium for the tests of the UI …", flush=True)
    _apt("update")
    _apt("install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core")
    return find()


def _apt(*words: str) -> None:
    done = subprocess.run(
        ["apt-get", "-qq", *words],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise NoBrowser(f"`apt-get {' '.join(words)}` failed:\n{done.stdout[-2000:]}\n\n{HOW_TO}")


if __name__ == "__main__":
    try:
        install()
    except NoBrowser as error:
        print(error, file=sys.stderr)
        sys.exit(1)
