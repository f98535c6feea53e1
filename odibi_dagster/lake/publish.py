"""The one way to change a table: a compare-and-swap commit that carries its identity."""

from __future__ import annotations

import random
import time

from odibi_dagster.errors import DataError, StateError, TransientError, Where
from odibi_dagster.lake.commit import send
from odibi_dagster.lake.data_files import refuse_removal
from odibi_dagster.lake.growth import grow
from odibi_dagster.lake.kinds import Plan, plan
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.partition_value import refuse_types
from odibi_dagster.lake.protocol import refuse_properties, refuse_unknown_features
from odibi_dagster.lake.recognize import Published, find, refuse_lost_table, refuse_superseded, settle
from odibi_dagster.lake.record import Record
from odibi_dagster.lake.schema import refuse_broken_contract, refuse_names
from odibi_dagster.lake.staged_files import refuse_lost_files
from odibi_dagster.lake.write import Write
from odibi_dagster.storage.failures import explain

#: How long a publish keeps planning again while other writers win, in seconds.
PATIENCE = 120.0


def publish(write: Write) -> Published:
    """Commits staged files exactly once.

    Readers see the version before or the version after, never a part. Whoever committed in between, anybody,
    makes the publish plan again on what is there now; a write whose identity is in the table is not repeated.

    Args:
        write: what to publish.

    Raises:
        DataError: the schema or the partitions do not fit; nothing was published.
        StateError: the table's protocol, properties or identities forbid it; nothing was published.
        Superseded: the table already holds newer inputs' rows; compute again.
        TransientError: other writers won for two minutes.
    """
    deadline, tries = time.monotonic() + PATIENCE, 0
    known = write.log if write.log and write.log.usable() else None
    while True:
        log, known = known or open_log(write.table, write.url), None
        if log is None:
            refuse_lost_table(write)
        else:
            if found := find(write, log):
                return found
            refuse_superseded(write, log)
        planned = _plan(write, log)
        done = _commit(write, log, planned) if grow(write, log) else None
        if done:
            return done
        tries += 1
        if time.monotonic() > deadline:
            raise TransientError(
                "Other writers won every time for two minutes; nothing was published.",
                where=Where(table=write.table, url=write.url),
                why=f"{tries} commits in a row met a newer version",
                remedy="Run again when fewer writers are at work.",
            )
        time.sleep(random.uniform(0, min(0.005 * 2 ** min(tries, 8), 1.0)))


def _plan(write: Write, log: Log | None) -> Plan:
    """What to add and remove. Whatever forbids it is found here, before the table is touched in any way."""
    where = Where(table=write.table, url=write.url)
    if log:
        refuse_unknown_features(log)
    if write.staged is None:
        if log is None:
            raise StateError("There is no table to mark the batch in.", where=where)
        refuse_properties(log, removes=False)
        return Plan((), (), ())
    refuse_names(write.staged.schema, where)
    refuse_types(write.staged.schema, write.staged.partition_by, where)
    refuse_lost_files(write.staged)
    if log is None:
        refuse_broken_contract(write.staged.schema, write.declared, where)
    elif write.kind != "full" and write.staged.partition_by != log.partition_by:
        raise DataError(
            f"The table is partitioned by {', '.join(log.partition_by) or 'nothing'}, "
            f"its file says {', '.join(write.staged.partition_by) or 'nothing'}.",
            where=where,
            why="only a full table can be partitioned anew: the others keep files of the old layout",
            remedy="Undo the change of `partition_by:`, or make the table `kind: full` for one run.",
        )
    planned = plan(write, log)
    if log:
        refuse_properties(log, removes=bool(planned.remove))
        refuse_removal(log, planned.remove)
    return planned


def _commit(write: Write, log: Log | None, planned: Plan) -> Published | None:
    """One attempt to commit; None if somebody else was faster."""
    from deltalake.exceptions import CommitFailedError, DeltaError

    record = Record(
        table=write.table,
        kind=write.kind,
        attempt=write.attempt,
        run=write.run,
        code=write.code,
        identity=(write.identity.app, write.identity.number) if write.identity else None,
        inputs=write.inputs,
        partitions=planned.partitions,
        added=sum(file.rows for file in planned.add),
        details=write.details,
    )
    try:
        send(write, log, planned, record)
    except CommitFailedError:
        return settle(write, log)
    except (DeltaError, OSError) as error:
        if done := settle(write, log):
            return done
        if "already exists" in str(error):
            return None
        raise explain(Where(table=write.table, url=write.url), error) from error
    return settle(write, log, sent=True)
