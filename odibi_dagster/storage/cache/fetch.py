"""Bring one remote file's bytes under its copy's name."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from odibi_dagster.errors import StateError, Where
from odibi_dagster.storage.cache.copies import RemoteFile
from odibi_dagster.storage.objects import Objects


def fetch(objects: Objects, file: RemoteFile, part: str, target: str) -> None:
    """The file's bytes under the target's name, whole and on the disk, or nothing there.

    Args:
        objects: opened at the file's URL.
        file: what to fetch.
        part: where it lies until it is whole: on the target's disk, and nobody else's.
        target: the local path; its folder exists.

    Raises:
        FileNotFoundError: the file is not in its store; the message is its URL.
        StateError: it has another size than the log says.
        StorageError, TransientError: the store or the disk refused.
    """
    try:
        objects.fetch(file.path, part)
        found = os.path.getsize(part)
        if found != file.size:
            raise StateError(
                "A data file is not what the table's log says of it.",
                where=Where(url=f"{file.url}/{file.path}"),
                why=f"it has {found} bytes, the log says {file.size}",
                remedy="Somebody wrote over it: restore the file, or publish the table again.",
            )
        _to_disk(part)
        os.replace(part, target)
    except FileNotFoundError:
        raise FileNotFoundError(f"{file.url}/{file.path}") from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def adopt(source: str, file: RemoteFile, part: str, target: str) -> None:
    """A local file's bytes under the target's name, whole and on the disk, or nothing there.

    It takes no second room where both are on one disk: then the file has two names.

    Args:
        source: the local file; it never changes, but may be removed.
        file: what it was uploaded as.
        part: where it lies until it is whole: on the target's disk, and nobody else's.
        target: the local path; its folder exists.

    Raises:
        OSError: the disk refused, or the file has another size.
    """
    try:
        try:
            os.link(source, part)
        except OSError:  # on another disk, or one that knows no second names
            shutil.copyfile(source, part)
        if os.path.getsize(part) != file.size:
            raise OSError(f"{source} has not {file.size} bytes")
        _to_disk(part)
        os.utime(part)
        os.replace(part, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def arrived(part: str) -> int:
    """How many bytes of a file that is being fetched are there."""
    try:
        return os.path.getsize(part)
    except FileNotFoundError:
        return 0


def _to_disk(path: str) -> None:
    """Without it, a machine that loses power may find the name and not the bytes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
