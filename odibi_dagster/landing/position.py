"""Which batch is due: what the ledger says against what bronze says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odibi_dagster.errors import StateError
from odibi_dagster.landing.ledger import LEDGER_APP, Ledger

#: The number that bronze's newest version holds for an application id; None if it holds none, or there is no
#: table. Reads the newest version at each call.
Bronze = Callable[[str], int | None]


@dataclass(frozen=True)
class Position:
    """Where a source stands.

    Args:
        number: the batch that is due.
        opened: whether the ledger has it already: then exactly it is read again.
        behind: bronze is ahead of the ledger as it was read: read the ledger again.
    """

    number: int
    opened: bool
    behind: bool = False


def position(ledger: Ledger, bronze: Bronze) -> Position:
    """The batch that is due, if ledger and bronze belong together.

    The ledger must have been read *before* bronze is asked: between the two, others can only move bronze
    forward, so a ledger two or more batches ahead is an error and never a race.

    Raises:
        StateError: ledger or bronze was replaced by hand.
    """
    known = bronze(LEDGER_APP)
    if known is not None and (not ledger.exists or known != ledger.fingerprint()):
        raise StateError(
            "The table's batches come from another ledger than the one found.",
            where=ledger.where,
            why="the ledger is missing"
            if not ledger.exists
            else "the ledger was replaced: its id is another",
            remedy="Put the old ledger back. To load every file that lies in landing again, remove the table "
            "and the ledger, both. Nothing was read or written.",
        )
    done = (bronze(ledger.app()) or 0) if ledger.exists else 0
    last = ledger.last
    if last in (done, done + 1):
        return Position(done + 1, last == done + 1)
    if done > last:
        return Position(done + 1, False, behind=True)
    raise StateError(
        f"The ledger is at batch {last}, the table at batch {done}.",
        where=ledger.where,
        why="a batch is opened only after the one before it is in the table, so the table was replaced or "
        "restored by hand",
        remedy="Put the table's newest version back. To load every file that lies in landing again, remove "
        "the table and the ledger, both. Nothing was read or written.",
    )
