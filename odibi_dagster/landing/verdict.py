"""The listing against the ledger, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odibi_dagster.errors import StateError
from odibi_dagster.landing.events import (
    CHANGED,
    GONE,
    IGNORED,
    OPENED,
    PARKED,
    REPLAYED,
    TAKEN,
    UNREADABLE,
)
from odibi_dagster.landing.identity import IDENTITY
from odibi_dagster.landing.source import LandingSource

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: More changed files than this, and more than this share of those that were taken, and a person has to look.
MOST_CHANGED, MOST_CHANGED_SHARE = 20, 0.05

# A path is known by the newest batch that took it. What came of it there: 'in' (its rows are in the table, or
# will be), or one of the states that left it out. A file that was left out and looks different now has never
# been loaded, so it is pending, not changed. One that was gone or was rewritten before it was read is pending
# whatever it looks like now, and so is one that is to be replayed. A note that came too late does not count.
_VERDICT = f"""
CREATE VIEW known AS
SELECT path, opened.batch, opened.identity, replayed.path IS NOT NULL AS replayed,
    CASE WHEN taken.path IS NOT NULL THEN 'in' ELSE coalesce(noted.state, parked.state, 'in') END AS outcome
FROM (SELECT path, max(batch) AS batch, max_by({IDENTITY}, batch) AS identity
      FROM ledger WHERE state = '{OPENED}' GROUP BY path) AS opened
LEFT JOIN (SELECT DISTINCT batch, path, state FROM ledger
           WHERE state IN ('{GONE}', '{CHANGED}', '{UNREADABLE}')) AS noted USING (batch, path)
LEFT JOIN (SELECT DISTINCT batch, state FROM ledger WHERE state = '{PARKED}') AS parked USING (batch)
LEFT JOIN (SELECT DISTINCT batch, path FROM ledger WHERE state = '{TAKEN}') AS taken USING (batch, path)
LEFT JOIN (SELECT DISTINCT batch, path FROM ledger WHERE state = '{REPLAYED}') AS replayed
    USING (batch, path);

CREATE TABLE verdict AS
SELECT listing.*,
    CASE WHEN known.path IS NULL OR known.outcome IN ('{GONE}', '{CHANGED}') THEN 'pending'
         WHEN known.replayed AND known.outcome IN ('{UNREADABLE}', '{PARKED}') THEN 'pending'
         WHEN known.identity = listing.identity THEN 'known'
         WHEN known.outcome IN ('{UNREADABLE}', '{PARKED}') THEN 'pending'
         WHEN ignored.path IS NOT NULL THEN 'ignored'
         ELSE 'changed' END AS verdict
FROM listing
LEFT JOIN known USING (path)
LEFT JOIN (SELECT DISTINCT path, {IDENTITY} AS identity FROM ledger WHERE state = '{IGNORED}') AS ignored
    ON ignored.path = listing.path AND ignored.identity = listing.identity
WHERE listing.state <> 'hidden'
"""


def judge(connection: DuckDBPyConnection) -> None:
    """Make the table `verdict`: each listed file with what is to become of it.

    A file is 'pending' (not in the table, to be taken), 'known' (taken, unchanged), 'changed' (it was taken
    and looks different now), or 'ignored' (the same, and the ledger says so already).

    Args:
        connection: holds `listing` (see `discover`) and `ledger` (see `Ledger.load`).
    """
    connection.execute(_VERDICT)


def too_many_changed(connection: DuckDBPyConnection, source: LandingSource) -> StateError | None:
    """The error that stops a source when many files that were taken have changed at once, else None.

    That happens when a folder was copied, restored or rewritten as a whole; then somebody has to say whether
    the rows that are in the table are still right.

    Args:
        connection: after `judge`.
        source: whose files.
    """
    row = connection.execute(
        "SELECT count(*) FILTER (verdict = 'changed'), count(*) FILTER (verdict <> 'pending'),"
        " min(path) FILTER (verdict = 'changed') FROM verdict WHERE state = 'settled'"
    ).fetchone()
    changed, known, example = row if row else (0, 0, None)
    if source.accept_changed or changed < MOST_CHANGED or changed <= MOST_CHANGED_SHARE * known:
        return None
    return StateError(
        f"{changed} of {known} files that were taken have changed at once, such as {example!r}.",
        where=source.where,
        why="a changed file is not read again, so the table would keep the old rows of all of them",
        remedy="If the old rows are right (the files were copied or touched), set `accept_changed: true` in "
        "the source, run it once, and take it out again. If the new ones are, remove the table and its "
        "ledger: the next run reads everything again.",
    )
