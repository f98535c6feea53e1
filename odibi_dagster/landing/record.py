"""Writes what became of a batch into the ledger, once, however often it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from odibi_dagster.errors import TransientError
from odibi_dagster.landing.batch import Batch, read_batch
from odibi_dagster.landing.discover import connect, microseconds
from odibi_dagster.landing.events import FAILED, PARKED
from odibi_dagster.landing.ledger import Conflict
from odibi_dagster.landing.note import Note
from odibi_dagster.landing.open import TRIES, busy, pause
from odibi_dagster.storage.secrets import mask


@dataclass(frozen=True)
class Event:
    """What is written: of one file, or of the whole batch."""

    state: str
    reason: str
    path: str | None = None


def note(batch: Batch, notes: Mapping[str, Note]) -> Batch:
    """Record which files the batch goes on without, and why; to be called before each commit to bronze.

    It is called without notes too: then it finds out that another run has recorded some in the meantime.

    Args:
        batch: as it was read.
        notes: by path; a path that is noted already, or is not in the batch, changes nothing.

    Returns:
        The batch without those files, as the ledger has it now.

    Raises:
        TransientError: another run has left out files that this one has read, or has parked the batch: what
            was staged must not be published; a new attempt reads the batch as it is now.
    """
    paths = {file.path for file in batch.files}

    def events(now: Batch) -> list[Event]:
        missed = sorted(path for path in now.notes if path in paths and path not in notes)
        if missed or (now.parked is not None and batch.parked is None):
            raise TransientError(
                f"Batch {batch.number} was changed by another run while this one read it.",
                where=batch.source.where,
                why=f"{missed[0]!r} was left out: {now.notes[missed[0]].reason}"
                if missed
                else f"it was parked: {now.parked}",
                remedy="Nothing was published; the next attempt reads the batch as it is now.",
            )
        return [
            Event(said.state, said.reason, path)
            for path, said in sorted(notes.items())
            if path in paths and path not in now.notes
        ]

    return _write(batch, events)


def failed(batch: Batch, reason: str) -> Batch:
    """Record that this attempt failed; an attempt is counted once.

    Returns:
        The batch; `failures` counts the attempts that have failed so far, with this one.
    """

    def events(now: Batch) -> list[Event]:
        return [] if batch.attempt in now.failed_attempts else [Event(FAILED, reason)]

    return _write(batch, events)


def park(batch: Batch, reason: str) -> Batch:
    """Give the batch up: its files stay in landing and in the ledger; an empty commit of its number is due.

    Returns:
        The batch, parked and without files; if somebody has parked it before, with their reason.
    """

    def events(now: Batch) -> list[Event]:
        return [] if now.parked is not None else [Event(PARKED, reason)]

    return _write(batch, events)


def _write(batch: Batch, events: Callable[[Batch], list[Event]]) -> Batch:
    """Commit what is missing in the ledger's newest version; look again after each conflict.

    Nothing is written of a batch behind which another one was opened.
    """
    for attempt in range(TRIES):
        batch.ledger.reload()
        # With a later batch there, this one is in bronze: what its commit says stands, see `late`.
        over = batch.ledger.last > batch.number
        now = read_batch(batch.source, batch.ledger, batch.number, batch.attempt)
        missing = [] if over else events(now)
        if not missing:
            return now
        with connect() as connection:
            connection.execute(
                "CREATE TABLE events AS SELECT $batch::BIGINT AS batch, unnest($states) AS state,"
                " unnest($paths)::VARCHAR AS path, NULL::BIGINT AS size, NULL::BIGINT AS modified_us,"
                " NULL::VARCHAR AS etag, unnest($reasons) AS reason, $now::BIGINT AS at_us,"
                " $attempt AS attempt",
                {
                    "batch": batch.number,
                    "states": [event.state for event in missing],
                    "paths": [event.path for event in missing],
                    "reasons": [mask(event.reason) for event in missing],
                    "now": microseconds(datetime.now(UTC)),
                    "attempt": batch.attempt,
                },
            )
            try:
                batch.ledger.append(connection, "events")
            except Conflict:
                pause(attempt)
    raise busy(batch.ledger)
