"""Fetches the jars into a folder that is whole once it is there."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from odibi_dagster.errors import OdibiError, StorageError, Where
from odibi_dagster.spark import ivy, maven
from odibi_dagster.spark.jars import default_home, expected, folder_in, missing

#: By whom, and into which folder.
Fetcher = Callable[[Path], None]
FETCHERS: dict[str, Fetcher] = {"maven": maven.fetch, "ivy": ivy.fetch}


def fetch(
    home: Path | None = None, *, by: str | None = None, told: Callable[[str, Path], None] | None = None
) -> Path:
    """The folder with all jars, fetched if they are not there.

    A process that is killed meanwhile leaves no such folder, and of several that ask at once one fetches: the
    jars are put into another folder, held against their SHA-256, and that folder is renamed.

    Args:
        home: where sets of jars are kept; None is `default_home()`.
        by: "maven" or "ivy"; None is Maven where `mvn` is, else the Ivy that pyspark brings.
        told: is called with who fetches, and the folder that fills meanwhile, before anything is fetched.

    Raises:
        StorageError: nobody delivers them, or what was delivered is not what was asked for.
    """
    home = home or default_home()
    folder = folder_in(home)
    if folder.is_dir() and not missing(folder):
        return folder
    with _alone(home):
        if missing(folder):
            part = Path(tempfile.mkdtemp(prefix=".part-", dir=home))
            try:
                _filled(part, by or ("maven" if shutil.which("mvn") else "ivy"), told)
                shutil.rmtree(folder, ignore_errors=True)
                part.chmod(0o755)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


def _filled(part: Path, by: str, told: Callable[[str, Path], None] | None) -> None:
    if told:
        told(by, part)
    FETCHERS[by](part)
    if wrong := missing(part):
        raise StorageError(
            f"{len(wrong)} of {len(expected())} jars were not delivered as they should be.",
            where=Where(file=str(part)),
            why=", ".join(jar.file for jar in wrong),
            remedy="Look at the mirror that this machine fetches from: the files are not Maven Central's.",
        )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time; what a killed one has left goes."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with (home / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in home.glob(".part-*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except OdibiError:
        raise
    except OSError as error:
        raise StorageError(
            "The folder of Spark's jars cannot be written.",
            where=Where(file=str(home)),
            why=str(error),
            remedy="Make it writable, free some space, or set XDG_CACHE_HOME to another folder.",
        ) from error
