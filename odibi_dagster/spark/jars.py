"""The jars that Spark needs and pyspark does not bring: which they are, and whether they are there, whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from odibi_dagster.errors import StorageError, Where
from odibi_dagster.storage.cache.folder import default_folder

_PACKAGE = Path(__file__).resolve().parent
#: What Maven is asked for.
POM = _PACKAGE / "pom.xml"
_LISTED = _PACKAGE / "jars.sha256"
#: How many jars an error names.
_NAMED = 3


@dataclass(frozen=True)
class Jar:
    """One artifact.

    Args:
        group, artifact, version: its coordinates.
        size: bytes.
        sha256: of its content, in hex.
    """

    group: str
    artifact: str
    version: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """Its file's name, as Maven writes it."""
        return f"{self.artifact}-{self.version}.jar"


@cache
def expected() -> tuple[Jar, ...]:
    """Every jar that `pom.xml` brings, in the order of their coordinates."""
    lines = _LISTED.read_text(encoding="ascii").splitlines()
    return tuple(_jar(line) for line in lines if not line.startswith("#"))


def _jar(line: str) -> Jar:
    sha256, size, coordinates = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, int(size), sha256)


def default_home() -> Path:
    """Where sets of jars are kept: `.cache/spark` in a checkout, else `spark` in the user's cache folder."""
    checkout = _PACKAGE.parents[1]
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".cache" / "spark"
    return Path(default_folder()) / "spark"


def folder_in(home: Path) -> Path:
    """The folder of this version's set; another set of jars is another folder."""
    return home / f"jars-{hashlib.sha256(_LISTED.read_bytes()).hexdigest()[:12]}"


def missing(folder: Path) -> tuple[Jar, ...]:
    """The jars that are not in the folder byte for byte: gone, cut short or changed (0.05 s for 27 MB)."""
    return tuple(jar for jar in expected() if not _whole(folder / jar.file, jar))


def _whole(path: Path, jar: Jar) -> bool:
    try:
        if path.stat().st_size != jar.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def verified(folder: Path) -> tuple[str, ...]:
    """The paths of all jars, each of which is what it should be.

    Raises:
        StorageError: some are missing or damaged; with the command that fetches them.
    """
    if wrong := missing(folder):
        raise not_there(folder, wrong)
    return tuple(os.path.join(folder, jar.file) for jar in expected())


def not_there(folder: Path, wrong: Sequence[Jar]) -> StorageError:
    """What is told where Spark cannot start for want of jars."""
    more = len(wrong) - _NAMED
    names = ", ".join(jar.file for jar in wrong[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return StorageError(
        f"{len(wrong)} of Spark's {len(expected())} jars are missing or damaged.",
        where=Where(file=str(folder)),
        why=names,
        remedy="Run `odibi-dagster spark-jars` where the runs execute.",
    )
