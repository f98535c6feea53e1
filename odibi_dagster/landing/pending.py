"""What a source's landing looks like, for people and for the sensor; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import StateError
from odibi_dagster.landing.batch import Batch, batch_of, instant
from odibi_dagster.landing.discover import connect, discover
from odibi_dagster.landing.events import (
    CHANGED,
    FAILED,
    GONE,
    OPENED,
    PARKED,
    REPLAYED,
    TAKEN,
    UNREADABLE,
)
from odibi_dagster.landing.late import Committed, correct
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.landing.position import Bronze, position
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verdict import judge, too_many_changed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Of long lists this many are returned; the counts are always exact.
SHOWN = 100


@dataclass(frozen=True)
class LeftOut:
    """A file that a batch went on without."""

    path: str
    batch: int
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class BatchSummary:
    """One batch of the ledger; state is 'in bronze', 'open' or 'parked', `reason` the last failure's."""

    number: int
    state: str
    files: int
    bytes: int
    left_out: int
    opened_at: datetime
    failures: int
    reason: str | None


@dataclass(frozen=True)
class Pending:
    """A source's state at one moment.

    Args:
        number: the batch that is due.
        files, bytes: of the settled files that no batch has yet.
        unsettled, hidden: files that are not arrivals yet, or never.
        changed: how many files look different from when they were taken.
        changed_paths: the first `SHOWN` of them.
        open: the batch that is in the ledger and not in bronze: the next run reads it again.
        parked: batches that were given up, oldest first.
        left_out: the newest `SHOWN` files that batches went on without.
        stopped: why no batch can be opened before somebody acts; None when all is well.
    """

    number: int
    files: int
    bytes: int
    unsettled: int
    hidden: int
    changed: int
    changed_paths: tuple[str, ...]
    open: Batch | None
    parked: tuple[BatchSummary, ...]
    left_out: tuple[LeftOut, ...]
    stopped: StateError | None

    @property
    def due(self) -> bool:
        """Whether a run would have something to do."""
        return self.open is not None or self.files > 0


def pending(
    source: LandingSource,
    ledger: Ledger,
    bronze: Bronze,
    now: datetime,
    deadline: float | None = None,
    committed: Committed = lambda number: None,
) -> Pending:
    """What a run would find: files that are waiting, batches that are open or parked, files left out.

    Args:
        source: kind append.
        ledger: the source's ledger; it is read again.
        bronze: see `position.Bronze`.
        now: an aware instant, from which the settle age is measured.
        deadline: see `discover`.
        committed: as in `open_batch`.

    Raises:
        StateError: ledger or bronze was replaced by hand.
        StorageError, TransientError: the store refused or did not answer.
    """
    ledger.reload()
    due = position(ledger, bronze)
    with connect() as connection:
        discover(connection, source, now, deadline)
        ledger.load(connection)
        correct(connection, due.number - 1, committed)
        judge(connection)
        files, size, unsettled, changed = connection.execute(
            "SELECT count(*) FILTER (verdict = 'pending' AND state = 'settled'),"
            " coalesce(sum(size) FILTER (verdict = 'pending' AND state = 'settled'), 0)::BIGINT,"
            " count(*) FILTER (verdict = 'pending' AND state = 'unsettled'),"
            " count(*) FILTER (verdict IN ('changed', 'ignored')) FROM verdict"
        ).fetchall()[0]
        return Pending(
            number=due.number,
            files=files,
            bytes=size,
            unsettled=unsettled,
            hidden=_rows(connection, "SELECT count(*) FROM listing WHERE state = 'hidden'")[0][0],
            changed=changed,
            changed_paths=tuple(
                path
                for (path,) in _rows(
                    connection,
                    "SELECT path FROM verdict WHERE verdict IN ('changed', 'ignored')"
                    f" ORDER BY path LIMIT {SHOWN}",
                )
            ),
            open=batch_of(connection, source, ledger, due.number, "") if due.opened else None,
            parked=summaries(connection, done=due.number - 1, only_parked=True),
            left_out=tuple(
                LeftOut(path, batch, state, reason, instant(at))
                for path, batch, state, reason, at in _rows(
                    connection,
                    "SELECT path, batch, state, min(reason), min(at_us) FROM ledger"
                    f" WHERE state IN ('{GONE}', '{CHANGED}', '{UNREADABLE}') AND (batch, path) NOT IN"
                    f" (SELECT (batch, path) FROM ledger WHERE state IN ('{TAKEN}', '{REPLAYED}'))"
                    f" GROUP BY path, batch, state ORDER BY batch DESC, path LIMIT {SHOWN}",
                )
            ),
            stopped=None if due.opened else too_many_changed(connection, source),
        )


def batches(ledger: Ledger, bronze: Bronze) -> tuple[BatchSummary, ...]:
    """Every batch of a ledger, oldest first.

    Raises:
        StateError: ledger or bronze was replaced by hand.
        StorageError, TransientError: the store refused or did not answer.
    """
    ledger.reload()
    due = position(ledger, bronze)
    with connect() as connection:
        ledger.load(connection)
        return summaries(connection, done=due.number - 1, only_parked=False)


def summaries(connection: DuckDBPyConnection, *, done: int, only_parked: bool) -> tuple[BatchSummary, ...]:
    """The batches in a connection's table `ledger`, oldest first.

    Args:
        connection: after `Ledger.load`.
        done: the last batch that bronze has.
        only_parked: leaves out the others.
    """
    rows = _rows(
        connection,
        f"""
        SELECT batch, bool_or(state = '{PARKED}') AND NOT bool_or(state = '{TAKEN}') AS parked,
            count(*) FILTER (state = '{OPENED}'),
            coalesce(sum(size) FILTER (state = '{OPENED}'), 0)::BIGINT,
            count(DISTINCT path) FILTER (state IN ('{GONE}', '{CHANGED}', '{UNREADABLE}')
                AND (batch, path) NOT IN (SELECT (batch, path) FROM ledger WHERE state = '{TAKEN}')),
            min(at_us) FILTER (state = '{OPENED}'),
            count(DISTINCT attempt) FILTER (state = '{FAILED}'),
            coalesce(min(reason) FILTER (state = '{PARKED}'),
                max_by(reason, at_us) FILTER (state = '{FAILED}'))
        FROM ledger WHERE batch IS NOT NULL
        GROUP BY batch {"HAVING parked" if only_parked else ""} ORDER BY batch
        """,
    )
    return tuple(
        BatchSummary(
            number,
            "parked" if parked else "in bronze" if number <= done else "open",
            files,
            size,
            left_out,
            instant(opened_us),
            failures,
            reason,
        )
        for number, parked, files, size, left_out, opened_us, failures, reason in rows
    )


def _rows(connection: DuckDBPyConnection, sql: str) -> list[Any]:
    return list(connection.execute(sql).fetchall())
