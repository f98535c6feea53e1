"""Staged files on their way into a table, or out of the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.errors import StateError, Where
from odibi_dagster.storage.objects import open_objects

#: Staged files older than this may be on a vacuum's list: half of Delta's default retention of 7 days.
STALE = timedelta(days=3.5)


def refuse_lost_files(staged: Staged) -> None:
    """Sees that every staged file is there, has its size, and is too young for a vacuum.

    delta-rs accepts a path that does not exist, and reading then fails for everybody.

    Raises:
        StateError: names the first file that is missing, changed or old.
    """
    if not staged.files:
        return
    objects, seen = open_objects(staged.table_url), {}
    for folder in staged.folders:
        for batch in objects.list(folder):
            rows = zip(
                batch["path"].to_pylist(),
                batch["size"].to_pylist(),
                batch["last_modified"].to_pylist(),
                strict=True,
            )
            seen.update({path: (size, modified) for path, size, modified in rows})
    for file in staged.files:
        size, modified = seen.get(file.path, (None, None))
        if size == file.size and modified is not None and datetime.now(UTC) - modified < STALE:
            continue
        raise StateError(
            "A staged file is missing, changed or too old; nothing was published.",
            where=Where(url=f"{staged.table_url}/{file.path}"),
            why=f"expected {file.size} bytes, found {size}"
            if size != file.size
            else f"it was written at {modified}, and a vacuum may remove it",
            remedy="Run the table again.",
        )


def discard(staged: Staged) -> None:
    """Deletes staged files that were not committed; only for a write that never tried to commit."""
    objects = open_objects(staged.table_url)
    for folder in staged.folders:
        for batch in objects.list(folder):
            objects.delete(batch["path"].to_pylist())
