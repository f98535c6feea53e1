"""What a ledger says of files and batches: its events, and how they are stored."""

from __future__ import annotations

#: One event a row. Times are microseconds since 1970, UTC. `attempt` names the attempt that wrote the event.
#: `path` is null in events of a whole batch (failed, parked), `batch` in those of a file without (ignored).
COLUMNS = {
    "batch": "BIGINT",
    "state": "VARCHAR",
    "path": "VARCHAR",
    "size": "BIGINT",
    "modified_us": "BIGINT",
    "etag": "VARCHAR",
    "reason": "VARCHAR",
    "at_us": "BIGINT",
    "attempt": "VARCHAR",
}
#: The events of one file in a batch: taken into it; left out of it with a reason.
OPENED, GONE, CHANGED, UNREADABLE = "opened", "gone", "changed", "unreadable"
#: A file that changed after its batch; the event holds the identity that is not taken.
IGNORED = "ignored"
#: A file that was noted as left out although the commit of its batch had read it; its rows are in the table.
TAKEN = "taken"
#: A file that a batch left out, and that somebody wants in the next one although it looks the same.
REPLAYED = "replayed"
#: The events of a batch as a whole.
FAILED, PARKED = "failed", "parked"
#: The columns as DuckDB's CREATE TABLE has them.
DEFINITION = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
