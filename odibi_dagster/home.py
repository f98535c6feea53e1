"""The Dagster home: where runs, events and schedules are kept, shared by `make` and the command line."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from odibi_dagster.errors import ConfigError, StorageError, Where

_PACKAGE = Path(__file__).resolve().parent
_READY = ".odibi-home"  # holds the hash of the dagster.yaml that we put into the home
_LOCK = ".odibi-home.lock"


def default_home() -> Path:
    """Return the folder of the Dagster home; nothing is created.

    `DAGSTER_HOME` if it is set, else `.dagster` beside the project's `pyproject.toml` when the package
    runs from a checkout, else `~/.odibi/dagster`. The path is absolute, as Dagster demands.
    """
    if configured := os.environ.get("DAGSTER_HOME"):
        return _absolute(Path(configured))
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".dagster"
    return Path.home() / ".odibi" / "dagster"


def ensure_home(path: str | Path | None = None, *, export: bool = False) -> Path:
    """Make the Dagster home ready for use and return its absolute path.

    Any number of processes may call this at once: the databases are created by one of them, under a file
    lock, in a folder beside their place, and moved there when they are complete. So neither a race nor a
    crash leaves a half-made database (two processes that open a fresh home break it for good).
    A `dagster.yaml` that somebody edited is kept; one that we put there follows the project's.
    When everything is done already, this costs a few file reads and imports nothing of Dagster.

    Args:
        path: the home; `default_home()` when it is None.
        export: also set `DAGSTER_HOME` for this process and its children.

    Raises:
        ConfigError: the path is a file, or the home's dagster.yaml does not load.
        StorageError: the folder cannot be created or written.
    """
    home = default_home() if path is None else _absolute(Path(path))
    try:
        if not _is_ready(home):
            home.mkdir(parents=True, exist_ok=True)
            with _lock(home / _LOCK):
                if not _is_ready(home):
                    digest = _put_settings(home)
                    _initialize(home)
                    _replace(home / _READY, digest.encode())
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigError(
            "The Dagster home is not a folder.",
            where=Where(file=str(home)),
            why=str(error),
            remedy="Set DAGSTER_HOME to a folder, or remove the file that is in its place.",
        ) from error
    except OSError as error:
        raise StorageError(
            "The Dagster home cannot be created or written.",
            where=Where(file=str(home)),
            why=str(error),
            remedy="Make the folder writable, free some space, or set DAGSTER_HOME to another folder.",
        ) from error
    if export:
        os.environ["DAGSTER_HOME"] = str(home)
    return home


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))  # not resolve(): a link to the home stays a link


def _is_ready(home: Path) -> bool:
    """Whether databases exist and our own dagster.yaml, unless edited, is the project's newest."""
    try:
        ours = (home / _READY).read_text()
        current = _digest((home / "dagster.yaml").read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return False
    return current != ours or current == _digest(_settings())


def _put_settings(home: Path) -> str:
    """Write the project's dagster.yaml unless the home has its own; return the hash of what we put there."""
    target, marker = home / "dagster.yaml", home / _READY
    ours = marker.read_text() if marker.exists() else ""
    if target.exists() and _digest(target.read_bytes()) != ours:
        return ours or "edited"
    _replace(target, _settings())
    return _digest(_settings())


def _initialize(home: Path) -> None:
    """Create the databases in a scratch folder and move what the home lacks into it."""
    from dagster import DagsterError, DagsterInstance
    from dagster._core.instance.ref import InstanceRef
    from sqlalchemy.exc import SQLAlchemyError

    with tempfile.TemporaryDirectory(dir=home, prefix=".odibi-home-") as scratch:
        try:
            with DagsterInstance.from_ref(InstanceRef.from_dir(scratch, config_dir=str(home))):
                pass  # opening creates whatever the settings name: here, or on a database server
        except (DagsterError, SQLAlchemyError, ImportError) as error:
            raise ConfigError(
                "The settings of the Dagster home do not load, or what they name does not answer.",
                where=Where(file=str(home / "dagster.yaml")),
                why=str(error),
                remedy="Look at the database, mend the file, or remove it: the project's own is then put in "
                "its place.",
            ) from error
        for made in Path(scratch).iterdir():
            if not (home / made.name).exists():
                made.rename(home / made.name)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel frees it when the process ends, however it ends
        yield


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".odibi-home-")
    with open(descriptor, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _settings() -> bytes:
    return (_PACKAGE / "dagster.yaml").read_bytes()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
