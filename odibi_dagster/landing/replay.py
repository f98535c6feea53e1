"""Files that batches went on without, wanted in the next one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from odibi_dagster.landing.discover import connect, discover, microseconds
from odibi_dagster.landing.events import CHANGED, GONE, PARKED, REPLAYED, TAKEN, UNREADABLE
from odibi_dagster.landing.glob import compile_glob
from odibi_dagster.landing.late import Committed, correct
from odibi_dagster.landing.ledger import Conflict, Ledger
from odibi_dagster.landing.open import TRIES, busy, pause
from odibi_dagster.landing.position import Bronze, position
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verdict import judge


@dataclass(frozen=True)
class Replayed:
    """What became of a wish to have files again.

    Args:
        files: those that the next batch takes and would not have taken.
        pending: those that the next batches take anyway.
        missing: those that are not in landing any more: they are taken when they come back.
    """

    files: tuple[str, ...]
    pending: tuple[str, ...]
    missing: tuple[str, ...]


def replay(
    source: LandingSource,
    ledger: Ledger,
    bronze: Bronze,
    now: datetime,
    *,
    batch: int | None = None,
    files: str | None = None,
    committed: Committed = lambda number: None,
) -> Replayed:
    """Let the next batch take files again that were left out: of a parked batch, gone, changed, unreadable.

    Files whose rows are in the table are never among them. The wish is one event for each file, written if
    nobody else has written since it was looked at; it counts until a batch takes the file, once, and saying
    it again changes nothing.

    Args:
        source: kind append.
        ledger, bronze, now, committed: as in `open_batch`.
        batch: only files that this batch left out.
        files: only files whose path below the landing folder matches this glob.

    Raises:
        StateError: ledger or bronze was replaced by hand.
        TransientError: others kept winning, or the store did not answer.
        StorageError: the store refused.
    """
    for attempt in range(TRIES):
        ledger.reload()
        due = position(ledger, bronze)
        try:
            if not due.behind:
                return _replay(source, ledger, due.number, now, batch, files, committed)
        except Conflict:
            pass
        pause(attempt)
    raise busy(ledger)


def _replay(
    source: LandingSource,
    ledger: Ledger,
    number: int,
    now: datetime,
    batch: int | None,
    files: str | None,
    committed: Committed,
) -> Replayed:
    with connect() as connection:
        discover(connection, source, now)
        ledger.load(connection)
        late = correct(connection, number - 1, committed)
        judge(connection)
        connection.execute(
            f"""
            CREATE TABLE wanted AS
            SELECT path, batch, coalesce(verdict.verdict, 'missing') AS verdict
            FROM known LEFT JOIN verdict USING (path)
            WHERE outcome IN ('{GONE}', '{CHANGED}', '{UNREADABLE}', '{PARKED}')
                AND ($batch::BIGINT IS NULL OR batch = $batch)
                AND ($regex::VARCHAR IS NULL OR regexp_full_match(path, $regex, 's'))
            """,
            {"batch": batch, "regex": None if files is None else compile_glob(files).regex},
        )

        def paths(verdict: str) -> tuple[str, ...]:
            found = connection.execute("SELECT path FROM wanted WHERE verdict = ? ORDER BY path", [verdict])
            return tuple(path for (path,) in found.fetchall())

        told = Replayed(paths("known"), paths("pending"), paths("missing"))
        if told.files or late:
            connection.execute(
                "CREATE TABLE events AS SELECT batch, $state AS state, path, NULL::BIGINT AS size,"
                " NULL::BIGINT AS modified_us, NULL::VARCHAR AS etag, 'asked for again' AS reason,"
                " $now::BIGINT AS at_us, $attempt AS attempt FROM wanted WHERE verdict = 'known'"
                " UNION ALL SELECT batch, state, path, NULL, NULL, NULL, reason, $now, $attempt"
                f" FROM ledger WHERE state = '{TAKEN}' AND at_us IS NULL",
                {"state": REPLAYED, "now": microseconds(datetime.now(UTC)), "attempt": uuid.uuid4().hex},
            )
            ledger.append(connection, "events")
        return told
