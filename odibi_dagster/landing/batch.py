"""A batch: a numbered, fixed list of landed files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from odibi_dagster.engines.protocol import LandedFile
from odibi_dagster.errors import StateError
from odibi_dagster.landing.events import CHANGED, FAILED, GONE, OPENED, PARKED, UNREADABLE
from odibi_dagster.landing.folders import folder_values
from odibi_dagster.landing.ledger import LEDGER_APP, Ledger
from odibi_dagster.landing.note import Note
from odibi_dagster.landing.source import LandingSource

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Batch:
    """One batch, as every run sees it until it is in bronze.

    Args:
        source: whose files.
        ledger: where it is recorded.
        number: 1, 2, …; each is in bronze before the next one is opened.
        files: what to read: all files of the batch but those in `notes`; none when it is parked.
        landed_at: when it was opened; the same on every replay.
        notes: the files that are left out, with the reason, as the ledger has them.
        failed_attempts: the attempts that have reported a failure.
        parked: the reason, once it is given up: then an empty commit of its number is due.
        attempt: names this attempt; a failure is counted once for each.
    """

    source: LandingSource
    ledger: Ledger
    number: int
    files: tuple[LandedFile, ...]
    landed_at: datetime
    notes: Mapping[str, Note]
    failed_attempts: frozenset[str]
    parked: str | None
    attempt: str

    @property
    def failures(self) -> int:
        """How many attempts have failed so far."""
        return len(self.failed_attempts)

    @property
    def transactions(self) -> dict[str, int]:
        """The application transactions of the commit that brings this batch (or nothing of it) to bronze."""
        return {self.ledger.app(): self.number, LEDGER_APP: self.ledger.fingerprint()}


def read_batch(source: LandingSource, ledger: Ledger, number: int, attempt: str | None = None) -> Batch:
    """The batch as the ledger has it at the version it was read.

    Args:
        source: whose files.
        ledger: its ledger.
        number: of a batch that is opened.
        attempt: the attempt it is read for; None is a new one.

    Raises:
        StateError: the ledger has no such batch.
    """
    from odibi_dagster.landing.discover import connect

    with connect() as connection:
        ledger.load(connection, number)
        return batch_of(connection, source, ledger, number, attempt or uuid.uuid4().hex)


def batch_of(
    connection: DuckDBPyConnection, source: LandingSource, ledger: Ledger, number: int, attempt: str
) -> Batch:
    """The batch from events that are already in a connection's table `ledger`."""
    opened = connection.execute(
        "SELECT path, size, modified_us, etag, at_us FROM ledger"
        f" WHERE batch = {number} AND state = '{OPENED}' ORDER BY modified_us, path"
    ).fetchall()
    if not opened:
        raise StateError(f"The ledger has no batch {number}.", where=ledger.where)
    notes = {
        path: Note(state, reason)
        for path, state, reason in connection.execute(
            f"SELECT path, state, reason FROM ledger WHERE batch = {number}"
            f" AND state IN ('{GONE}', '{CHANGED}', '{UNREADABLE}') ORDER BY at_us DESC"
        ).fetchall()
    }
    failed, parked = connection.execute(
        f"SELECT list(DISTINCT attempt) FILTER (state = '{FAILED}'), min(reason) FILTER (state = '{PARKED}')"
        f" FROM ledger WHERE batch = {number}"
    ).fetchall()[0]
    files = tuple(
        LandedFile(path, size, instant(modified), etag, folder_values(path))
        for path, size, modified, etag, _ in (() if parked is not None else opened)
        if path not in notes
    )
    return Batch(
        source, ledger, number, files, instant(opened[0][4]), notes, frozenset(failed or ()), parked, attempt
    )


def instant(microseconds: int) -> datetime:
    """The aware instant; exact."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
