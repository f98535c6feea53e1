"""Whether landed files are still what the ledger recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from odibi_dagster.engines.protocol import LandedFile
from odibi_dagster.landing.discover import microseconds
from odibi_dagster.landing.events import CHANGED, GONE
from odibi_dagster.landing.identity import identity
from odibi_dagster.landing.note import Note
from odibi_dagster.storage.objects import open_objects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from odibi_dagster.storage.objects import Meta


def verify(url: str, files: Iterable[LandedFile]) -> dict[str, Note]:
    """Which files are gone, or are no longer the bytes that were recorded, and why; asks the store for each.

    Called before the bytes are read and again after, it shows every change but one that falls between two
    equal time stamps of the store and keeps the size.

    Args:
        url: what the paths are relative to.
        files: as recorded.

    Returns:
        A note for each file that differs, by its path; nothing for the others.

    Raises:
        StorageError, TransientError: the store refused or did not answer: no reason to leave out a file.
    """
    objects = open_objects(url)
    notes = {}
    for file in files:
        note = _compare(file, objects.head(file.path))
        if note is not None:
            notes[file.path] = note
    return notes


def verified_by_reading(url: str, files: Iterable[LandedFile]) -> bool:
    """Whether a read takes the recorded bytes or fails, so that nothing is to be asked before and after.

    So it is where files are fetched with If-Match: in a remote store, if it gave tags in its listing.
    """
    return open_objects(url).remote and all(file.etag is not None for file in files)


def _compare(file: LandedFile, found: Meta | None) -> Note | None:
    if found is None:
        return Note(GONE, "it was there when the batch was opened and is not any more")
    modified_us = microseconds(found.modified)
    # Where no tag was recorded, none that lasts exists.
    etag = found.etag if file.etag is not None else None
    if identity(found.size, modified_us, etag) == identity(file.size, microseconds(file.modified), file.etag):
        return None
    return Note(
        CHANGED,
        f"it was {file.size} bytes of {_stamp(file.modified)} when the batch was opened and is now "
        f"{found.size} bytes of {_stamp(found.modified)}",
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
