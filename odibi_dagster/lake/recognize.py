"""Whether a write is in the table already, or has been overtaken by a newer one."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from odibi_dagster.errors import StateError, TransientError, Where
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.record import FORMAT_APP, Record, records, refuse_newer
from odibi_dagster.lake.write import Write


class Superseded(TransientError):
    """A newer publish of the same table read newer inputs than this one: it has to compute again."""

    kind = "superseded"


@dataclass(frozen=True)
class Published:
    """What a publish led to.

    Args:
        log: the table at the version that holds the rows.
        record: what the commit says of itself.
        repeated: True if the identity was there already and nothing was committed now.
    """

    log: Log
    record: Record
    repeated: bool = False

    @property
    def version(self) -> int:
        """The table's version that holds the rows."""
        return self.log.version

    @property
    def data_version(self) -> int:
        """The last version up to it that changed data."""
        return self.log.data_version

    @property
    def rows(self) -> int:
        """Rows in the whole table."""
        return self.log.rows

    @property
    def size(self) -> int:
        """Bytes of the table's data files."""
        return sum(file.size for file in self.log.files)

    @property
    def files(self) -> int:
        """How many data files the table has."""
        return len(self.log.files)


def find(write: Write, log: Log) -> Published | None:
    """The publish that already carries this write's identity (or this very attempt), if there is one.

    Raises:
        StateError: batches before this one are missing.
    """
    identity = write.identity
    refuse_newer(log.done(FORMAT_APP), write.table)
    if identity is None:
        return _attempted(write, log)
    done = log.done(identity.app)
    if done is not None and done >= identity.number:
        # Batches come one after another, so this one is in a table that says a later one: while this run
        # computed, another has published both.
        # The newest version: what later writers added since belongs to the table that this run goes on with.
        return Published(log, _recorded(write, log), repeated=True)
    if identity.follows is not None and (done or 0) != identity.follows:
        raise StateError(
            f"Batch {identity.number} is due, but the table has batch {done or 0}.",
            where=log.where,
            why="the ledger or the table was replaced or restored by hand",
            remedy="Put back what was replaced, or rebuild the table from its landed files.",
        )
    return None


def _attempted(write: Write, log: Log) -> Published | None:
    """This very attempt, whose commit was done and never heard of: its own files are in the table."""
    if write.staged is None or not any(file.path.startswith(f"{write.attempt}/") for file in log.files):
        return None
    for version, record in records(log):
        if record.attempt == write.attempt:
            return replace(_published(log, version, record), repeated=True)
    return None


def _recorded(write: Write, log: Log) -> Record:
    assert write.identity is not None
    want = (write.identity.app, write.identity.number)
    for _, record in records(log):
        if record.identity and tuple(record.identity) == want:
            return record
    # Commit metadata is trimmed at checkpoints, the identity is not: the write happened, its report is gone.
    return Record(write.table, write.kind, write.attempt, identity=want)


def _published(newest: Log, version: int, record: Record) -> Published:
    # As of that version: were a later writer's data version reported here, their own report would look
    # like no change, and what this run computes from `version` would never be computed again.
    log = newest if newest.version == version else open_log(newest.name, newest.url, version)
    assert log is not None, "a newer version is there"
    return Published(log, record)


def settle(write: Write, before: Log | None, *, sent: bool = False) -> Published | None:
    """Whether this very attempt is in the table: a commit whose answer was lost is recognized as done.

    Args:
        write: the publish.
        before: the table as it was planned for; None if there was none.
        sent: that the commit was made, so that `before` may move on to it; otherwise all is read anew.
    """
    log = (_moved_on(before) if sent and before else None) or open_log(write.table, write.url)
    if log is None:
        return None
    for version, record in records(log, log.version - (before.version if before else -1)):
        if record.attempt == write.attempt:
            return _published(log, version, record)
    return None


def _moved_on(log: Log) -> Log | None:
    from deltalake.exceptions import DeltaError

    try:
        return log.moved_on()
    except (DeltaError, OSError):  # Opening it anew says what is wrong.
        return None


def refuse_lost_table(write: Write) -> None:
    """A batch that is not the first needs the batches before it: a table that is gone is not begun anew."""
    if write.identity and write.identity.follows:
        raise StateError(
            f"Batch {write.identity.number} is due, and there is no table.",
            where=Where(table=write.table, url=write.url),
            why="the table was removed by hand, with the batches before",
            remedy="Put it back, or remove the ledger too: then every landed file is loaded again.",
        )


def refuse_superseded(write: Write, log: Log) -> None:
    if write.since is not None and any(records(log, max(log.version - write.since, 0))):
        raise Superseded(
            "Another run has published the source since this one listed it; this result is out of date.",
            where=log.where,
            remedy="Nothing: the source is listed again.",
        )
    if write.kind == "append" or not write.inputs:
        return
    mine = None if write.range is None else write.range
    for _, record in records(log, 100):
        touched = (
            record.partitions is None
            or mine is None
            or any(mine.holds(json.loads(label).get(mine.column)) for label in record.partitions)
        )
        if not touched or record.table != write.table or not record.inputs:
            continue
        older = [
            name
            for name, seen in record.inputs.items()
            if name in write.inputs
            and write.inputs[name].table_id == seen.table_id
            and write.inputs[name].data_version < seen.data_version
        ]
        if older:
            raise Superseded(
                f"A newer publish has read newer {', '.join(older)}; this result is out of date.",
                where=log.where,
                remedy="Nothing: it is computed again from the newer inputs.",
            )
        return
