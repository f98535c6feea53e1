"""All files of a source that is read whole on each run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from odibi_dagster.engines.protocol import LandedFile
from odibi_dagster.errors import DataError
from odibi_dagster.landing.batch import instant
from odibi_dagster.landing.discover import connect, discover
from odibi_dagster.landing.folders import folder_values
from odibi_dagster.landing.source import LandingSource


@dataclass(frozen=True)
class Whole:
    """What a source holds now.

    Args:
        files: oldest first; `verify` tells later whether they are still the same.
        digest: equal for two listings only if they name the same files with the same identities.
        unsettled: files younger than the settle age; they are not among `files`.
    """

    files: tuple[LandedFile, ...]
    digest: str
    unsettled: tuple[str, ...]


def list_whole(source: LandingSource, now: datetime, deadline: float | None = None) -> Whole:
    """Everything that a source's glob matches, with no judgement; arguments as in `discover`.

    Raises:
        StorageError, TransientError: the store refused or did not answer.
    """
    with connect() as connection:
        discover(connection, source, now, deadline)
        rows = connection.execute(
            "SELECT path, size, modified_us, etag, identity, state FROM listing"
            " WHERE state <> 'hidden' ORDER BY modified_us, path"
        ).fetchall()
    digest = hashlib.sha256()
    for path, identity in sorted((row[0], row[4]) for row in rows if row[5] == "settled"):
        # Lengths keep two listings apart whose texts run together.
        digest.update(f"{len(path)}:{path}{len(identity)}:{identity}".encode())
    files = tuple(
        LandedFile(path, size, instant(modified), etag, folder_values(path))
        for path, size, modified, etag, _, state in rows
        if state == "settled"
    )
    return Whole(files, digest.hexdigest(), tuple(row[0] for row in rows if row[5] == "unsettled"))


def whole(source: LandingSource, now: datetime) -> Whole:
    """Every file of a source of kind full, if the source is complete.

    Nothing is recorded: the publish keeps `digest`, and an unchanged source is recognized by it.

    Args:
        source: kind full.
        now: an aware instant, from which the settle age is measured.

    Raises:
        DataError: there is no file and `allow_empty` is not set; or a file has not settled and
            `allow_partial` is not set. What was published before stays.
        StorageError, TransientError: the store refused or did not answer.
    """
    found = list_whole(source, now)
    if found.unsettled and not source.allow_partial:
        raise DataError(
            f"{len(found.unsettled)} files may still be written, such as {found.unsettled[0]!r}.",
            where=source.where,
            why=f"they are younger than the settle age of {source.settle:g} s; the table keeps its old rows",
            remedy="Run again later, or set `allow_partial: true` to read the source without them.",
        )
    if not found.files and not source.allow_empty:
        raise DataError(
            "No file is there.",
            where=source.where,
            why="a source that is read whole would become an empty table; the table keeps its old rows",
            remedy="Look at the path and at whoever delivers the files, or set `allow_empty: true`.",
        )
    return found
