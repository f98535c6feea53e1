"""Programs that no Python package brings are installed into `.cache`, once, whoever comes first."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "services"


class NotInstalled(AssertionError):
    """A program could not be installed; the message says how to help."""


def installed(name: str, install: Callable[[Path], None], cache: Path = CACHE) -> Path:
    """The folder of a program; `install` fills it if it is not there.

    Several test processes may ask at once: one installs, the others wait. A folder that is there is whole:
    it is filled elsewhere and then renamed.

    Args:
        name: with the version: another version is another folder.
        install: gets an empty folder to fill.
        cache: where such folders are.
    """
    folder = cache / name
    if folder.is_dir():
        return folder
    with once(name, cache):
        if not folder.is_dir():
            part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=cache))
            try:
                install(part)
                part.chmod(0o755)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


@contextmanager
def once(name: str, cache: Path = CACHE) -> Iterator[None]:
    """One process at a time is in this block; one that dies lets go of it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def call(command: Sequence[str], help: str) -> None:
    """Runs an installer.

    Raises:
        NotInstalled: it is not there, or it failed; with what it said, and `help`.
    """
    if not shutil.which(command[0]):
        raise NotInstalled(f"`{command[0]}` is missing. {help}")
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise NotInstalled(f"`{' '.join(command)}` failed:\n{done.stdout[-2000:]}\n{help}")
