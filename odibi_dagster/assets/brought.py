"""What a table's commit of a batch says of itself."""

from __future__ import annotations

from odibi_dagster.lake.log import Log
from odibi_dagster.lake.record import records
from odibi_dagster.landing.late import Brought

#: The newest batch is among the newest commits; others may have compacted the table since.
_RECENT = 100


def brought(log: Log, app: str, number: int) -> Brought | None:
    """What the commit of a batch went on without; None if it is too long ago, or does not say.

    Args:
        log: the table.
        app: its ledger's application id.
        number: the batch's.
    """
    for _, record in records(log, _RECENT):
        if record.identity and tuple(record.identity) == (app, number):
            left_out = record.details.get("left_out")
            return None if left_out is None else Brought("parked" in record.details, frozenset(left_out))
    return None
