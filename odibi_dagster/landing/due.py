"""Whether one source is worth a run now, and under which name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from odibi_dagster.errors import StateError
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.landing.pending import pending
from odibi_dagster.landing.position import Bronze
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.whole import list_whole


@dataclass(frozen=True)
class Watched:
    """A source and what its table says.

    Args:
        source: what to list.
        checkpoints_url: where its ledger is.
        bronze: see `position.Bronze`.
        digest: the listing's digest (`Whole.digest`) in the table's newest publish; None without one. Asked
            for sources of kind full.
    """

    source: LandingSource
    checkpoints_url: str
    bronze: Bronze
    digest: Callable[[], str | None]


@dataclass(frozen=True)
class Due:
    """Work that waits.

    Args:
        name: the same for as long as it is the same work: "bronze.orders:7".
        reason: for people.
        once: the run can only fail until somebody acts: one attempt makes it known.
    """

    name: str
    reason: str
    once: bool = False


def due(watched: Watched, now: datetime, deadline: float | None = None) -> Due | None:
    """The work that waits in a source, or None. Reads the listing and the ledger; writes nothing.

    Args:
        watched: the source.
        now: an aware instant, from which the settle age is measured.
        deadline: on `time.monotonic`: a listing that is not finished by then is given up.

    Raises:
        StorageError, TransientError: the store refused or did not answer, or the deadline passed.
    """
    if watched.source.kind == "full":
        return _whole(watched, now, deadline)
    source = watched.source
    try:
        ledger = Ledger.open(watched.checkpoints_url, source.table)
        found = pending(source, ledger, watched.bronze, now, deadline)
    except StateError as error:
        return Due(f"{source.table}:stopped:{_short(str(error))}", error.what, once=True)
    if not found.due:
        return None
    if found.open is not None:
        return Due(f"{source.table}:{found.number}", f"batch {found.number} is open")
    if found.stopped is not None:
        return Due(f"{source.table}:{found.number}:changed", found.stopped.what, once=True)
    return Due(f"{source.table}:{found.number}", f"{found.files} files, {found.bytes} bytes")


def _whole(watched: Watched, now: datetime, deadline: float | None) -> Due | None:
    source = watched.source
    found = list_whole(source, now, deadline)
    published = watched.digest()
    if found.digest == published or (found.unsettled and not source.allow_partial):
        return None
    empty = not found.files and not source.allow_empty
    if empty and published is None:
        return None
    reason = "every file is gone" if empty else f"{len(found.files)} files are not what was published"
    return Due(f"{source.table}:{_short(found.digest)}", reason, once=empty)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
