"""Notes that came too late: what the ledger says of a batch, held against the commit that brought it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odibi_dagster.landing.events import CHANGED, GONE, OPENED, PARKED, TAKEN, UNREADABLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Brought:
    """What the commit of a batch says of itself.

    Args:
        parked: it brought no rows.
        left_out: the paths that it went on without.
    """

    parked: bool
    left_out: frozenset[str]


#: What bronze's commit of a batch says; None if there is none, or it does not say (any more).
Committed = Callable[[int], Brought | None]


def correct(connection: DuckDBPyConnection, number: int, committed: Committed) -> int:
    """Add to a connection's table `ledger` that files are in the table after all, and say how many.

    Two runs may read one batch. While one of them commits, the other may still note that a file is gone, or
    park the batch: then the rows are in the table and the ledger says they are not. The commit is right. Held
    against it before the next batch is chosen, no such file is taken again; later notes are refused by
    `record`, which sees the next batch.

    Args:
        connection: after `Ledger.load`; the rows that are added have no time and no attempt.
        number: the newest batch that is in bronze.
        committed: asked only if the ledger says that something was left out.
    """
    out = f"state IN ('{GONE}', '{CHANGED}', '{UNREADABLE}')"
    doubtful = connection.execute(
        f"SELECT DISTINCT path FROM ledger WHERE batch = {number} AND (({out}) OR (state = '{OPENED}' AND"
        f" EXISTS (FROM ledger WHERE batch = {number} AND state = '{PARKED}')))"
        f" AND path NOT IN (SELECT path FROM ledger WHERE batch = {number} AND state = '{TAKEN}')"
    ).fetchall()
    said = committed(number) if doubtful else None
    if said is None or said.parked:
        return 0
    late = sorted(path for (path,) in doubtful if path not in said.left_out)
    if late:
        connection.execute(
            "INSERT INTO ledger BY NAME SELECT $number::BIGINT AS batch, $state AS state,"
            " unnest($paths)::VARCHAR AS path, 'its rows are in the table' AS reason",
            {"number": number, "state": TAKEN, "paths": late},
        )
    return len(late)
