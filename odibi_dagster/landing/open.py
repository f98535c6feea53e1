"""Opens the next batch, or the one that is not in bronze yet."""

from __future__ import annotations

import random
import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from odibi_dagster.errors import StateError, TransientError
from odibi_dagster.landing.batch import Batch, batch_of, read_batch
from odibi_dagster.landing.compact import compact
from odibi_dagster.landing.discover import connect, discover, microseconds
from odibi_dagster.landing.events import IGNORED, OPENED, TAKEN
from odibi_dagster.landing.late import Committed, correct
from odibi_dagster.landing.ledger import Conflict, Ledger
from odibi_dagster.landing.position import Bronze, position
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verdict import judge, too_many_changed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: How often a conflict is answered by starting again; each conflict is another process's success.
TRIES = 30
#: How often bronze may be found ahead of the ledger in a row; others can move both between two looks.
_MOST_BEHIND = 5


def open_batch(
    source: LandingSource,
    ledger: Ledger,
    bronze: Bronze,
    now: datetime,
    committed: Committed = lambda number: None,
) -> Batch | None:
    """The batch that bronze is to read next, or None when nothing is pending.

    A batch that is in the ledger and not in bronze is returned again with exactly its files. Otherwise the
    source is listed, and what the ledger does not know becomes the next batch, oldest first, in one commit
    that is refused if anybody else has written: every file is in one batch, however many processes open.

    Args:
        source: kind append.
        ledger: the source's ledger; it is made with the first batch.
        bronze: see `position.Bronze`.
        now: an aware instant: the batch's `landed_at`, and what the settle age is measured from.
        committed: what bronze's commits say of themselves; they are right where the ledger says otherwise.

    Raises:
        StateError: ledger or bronze was replaced by hand; or too many known files have changed at once.
        TransientError: others kept winning, or the store did not answer.
        StorageError: the store refused.
    """
    behind = 0
    for attempt in range(TRIES):
        ledger.reload()
        due = position(ledger, bronze)
        if due.opened:
            return read_batch(source, ledger, due.number)
        behind = behind + 1 if due.behind else 0
        if behind > _MOST_BEHIND:
            raise StateError(
                f"The table is at batch {due.number - 1}, its ledger only at batch {ledger.last}.",
                where=ledger.where,
                why="the ledger was replaced by an older copy",
                remedy="Put the newest ledger back. To load every file that lies in landing again, remove "
                "the table and the ledger, both. Nothing was read or written.",
            )
        if not behind:
            try:
                return _next(source, ledger, due.number, now, committed)
            except Conflict:
                pass
        pause(attempt)
    raise busy(ledger)


def pause(attempt: int) -> None:
    """Wait a random while that grows with the attempts, so that racing processes part."""
    time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))


def busy(ledger: Ledger) -> TransientError:
    """Others kept winning."""
    return TransientError(
        f"The ledger was changed by others {TRIES} times in a row.",
        where=ledger.where,
        remedy="Try again; if it stays so, look for runs that open batches without ever finishing one.",
    )


def _next(
    source: LandingSource, ledger: Ledger, number: int, now: datetime, committed: Committed
) -> Batch | None:
    with connect() as connection:
        discover(connection, source, now)
        ledger.load(connection)
        late = correct(connection, number - 1, committed)
        judge(connection)
        stop = too_many_changed(connection, source)
        if stop is not None:
            raise stop
        attempt = uuid.uuid4().hex
        taken, changed = _choose(connection, source, number, now, attempt)
        if not taken and not changed and not late:
            return None
        if not ledger.exists:
            ledger.create()
        ledger.append(connection, "events")
        if not taken:
            return None
        compact(ledger)  # the append has moved the ledger on
        connection.execute("INSERT INTO ledger BY NAME SELECT * FROM events")
        return batch_of(connection, source, ledger, number, attempt)


def _choose(
    connection: DuckDBPyConnection, source: LandingSource, number: int, now: datetime, attempt: str
) -> tuple[int, int]:
    """Make the table `events`: the next batch, and what has changed since the last time, so that only further
    changes count as changes "at once". Returns how many files there are of each."""
    values = {
        "number": number,
        "now": microseconds(now),
        "attempt": attempt,
        "files": source.max_files,
        "bytes": source.max_bytes,
    }
    connection.execute(
        f"""
        CREATE TABLE events AS
        SELECT $number::BIGINT AS batch, '{OPENED}' AS state, path, size, modified_us, etag,
            NULL::VARCHAR AS reason, $now::BIGINT AS at_us, $attempt AS attempt
        FROM (SELECT *, row_number() OVER oldest AS place, sum(size) OVER oldest AS bytes
              FROM verdict WHERE verdict = 'pending' AND state = 'settled'
              WINDOW oldest AS (ORDER BY modified_us, path ROWS UNBOUNDED PRECEDING))
        WHERE place = 1 OR (place <= $files AND bytes <= $bytes)
        """,
        values,
    )
    taken = connection.execute("SELECT count(*) FROM events").fetchall()[0][0]
    connection.execute(
        f"""
        INSERT INTO events
        SELECT NULL, '{IGNORED}', path, size, modified_us, etag, 'changed after it was taken', $now, $attempt
        FROM verdict WHERE verdict = 'changed' AND state = 'settled'
        """,
        {name: values[name] for name in ("now", "attempt")},
    )
    written = connection.execute("SELECT count(*) FROM events").fetchall()[0][0]
    connection.execute(
        "INSERT INTO events SELECT batch, state, path, size, modified_us, etag, reason, $now, $attempt"
        f" FROM ledger WHERE state = '{TAKEN}' AND at_us IS NULL",
        {name: values[name] for name in ("now", "attempt")},
    )
    return int(taken), int(written) - int(taken)
