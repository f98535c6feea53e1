"""This machine's disks, where layers are on them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from odibi_dagster.doctor.check import Check, Said, Subject
from odibi_dagster.doctor.contents import contents
from odibi_dagster.doctor.places import Place, Places, names

_FAILS, _WARNS = 100 * 10**6, 2 * 10**9


def local_store(places: Places, *, write: bool) -> Subject:
    """The checks of what lies on this machine.

    Args:
        places: what is there.
        write: whether to write, too.
    """
    checks = (
        Check("folders", lambda: _folders(places)),
        Check("space", lambda: free_space(each.url for each in places.folders if each.written)),
        *contents(places, ("folders",)),
        *([Check("write", lambda: _writes(places), ("folders",))] if write else []),
    )
    return Subject("this machine's disks", checks)


def _folders(places: Places) -> Iterator[Said]:
    good: list[Place] = []
    new: list[Place] = []
    for place in places.folders:
        path = existing(place.url)
        rights = os.R_OK | os.X_OK | (os.W_OK if place.written or str(path) != place.url else 0)
        if not path.is_dir():
            yield Said("failed", f"{place.name}: {path} is not a folder", "Move the file, or the layer.")
        elif str(path) != place.url and not place.written:
            yield Said("warning", f"{place.name}: there is no folder {place.url}", "Land files there.")
        elif not os.access(path, rights):
            yield Said(
                "failed",
                f"{place.name}: {path} may not be {'written' if place.written else 'read'}",
                "Give the user who runs Dagster read and write permission on this folder.",
            )
        else:
            (good if str(path) == place.url else new).append(place)
    parts = (names(good), f"{names(new)} will be made" if new else "")
    if good or new:
        yield Said("ok", "; ".join(part for part in parts if part))


def _writes(places: Places) -> Iterator[Said]:
    good = []
    for place in places.folders:
        if place.written:
            if refused := unwritable(existing(place.url)):
                remedy = "Give the user who runs Dagster read and write permission on this folder."
                yield Said("failed", f"{place.name}: {existing(place.url)}: {refused}", remedy)
            else:
                good.append(place)
    if good:
        yield Said("ok", names(good))


def unwritable(folder: Path) -> str:
    """Why nobody can write to a folder; "" if one can. What is tried has no name, and leaves nothing."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def free_space(paths: Iterator[str] | tuple[str, ...]) -> Said:
    """Whether the disks of some paths have room left."""
    free = {os.stat(path).st_dev: (shutil.disk_usage(path).free, path) for path in map(existing, paths)}
    if not free:
        return Said("skipped", "nothing is written here")
    least, path = min(free.values())
    text = f"{least / 1e9:.1f} GB are free at {path}"
    if least < _WARNS:
        return Said("failed" if least < _FAILS else "warning", text, "Free space, or move to another disk.")
    return Said("ok", text)


def existing(path: str) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    found = Path(path)
    while not found.exists() and found != found.parent:
        found = found.parent
    return found
