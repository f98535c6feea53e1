"""The one way to change a table: a compare-and-swap commit that carries its identity."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.errors import DataError, StateError, TransientError, Where
from odibi_dagster.lake.kinds import Plan, plan
from odibi_dagster.lake.log import DATA_APP, Log, open_log
from odibi_dagster.lake.partition_value import refuse_types
from odibi_dagster.lake.record import FORMAT, FORMAT_APP, KEY, Record, records, refuse_newer
from odibi_dagster.lake.schema import Change, plan_change, refuse_broken_contract, refuse_names
from odibi_dagster.lake.write import Write
from odibi_dagster.sql.types import Schema, to_delta
from odibi_dagster.storage.objects import explain, open_objects

if TYPE_CHECKING:
    from deltalake import CommitProperties
    from deltalake import Schema as DeltaSchema
    from deltalake.transaction import AddAction, RemoveAction

#: How long a publish keeps planning again while other writers win, in seconds.
PATIENCE = 120.0
#: Staged files older than this may be on a vacuum's list: half of Delta's default retention of 7 days.
STALE = timedelta(days=3.5)


class Superseded(TransientError):
    """A newer publish of the same table read newer inputs than this one: it has to compute again."""

    kind = "superseded"


@dataclass(frozen=True)
class Published:
    """What a publish led to.

    Args:
        version: the table's version that holds the rows.
        data_version: the last version that changed data.
        record: what the commit says of itself.
        rows: rows in the whole table; size: bytes; files: data files.
        repeated: True if the identity was there already and nothing was committed now.
    """

    version: int
    data_version: int
    record: Record
    rows: int
    size: int
    files: int
    repeated: bool = False


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
    while True:
        log = open_log(write.table, write.url)
        if log is None:
            _refuse_lost_table(write)
        else:
            if found := find(write, log):
                return found
            _refuse_superseded(write, log)
        planned = _plan(write, log)
        done = _commit(write, log, planned) if _grow(write, log) else None
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


def _refuse_lost_table(write: Write) -> None:
    """A batch that is not the first needs the batches before it: a table that is gone is not begun anew."""
    if write.identity and write.identity.follows:
        raise StateError(
            f"Batch {write.identity.number} is due, and there is no table.",
            where=Where(table=write.table, url=write.url),
            why="the table was removed by hand, with the batches before",
            remedy="Put it back, or remove the ledger too: then every landed file is loaded again.",
        )


def find(write: Write, log: Log) -> Published | None:
    """The publish that already carries this write's identity (or this very attempt), if there is one.

    Raises:
        StateError: the table's number is neither this one nor the one before.
    """
    identity = write.identity
    refuse_newer(log.done(FORMAT_APP), write.table)
    if identity is None:
        return None
    done = log.done(identity.app)
    if done is not None and done >= identity.number:
        if identity.follows is not None and done > identity.number:
            raise StateError(
                f"The table says batch {done}, the ledger is at batch {identity.number}.",
                where=log.where,
                why="the ledger or the table was replaced or restored by hand",
                remedy="Put back what was replaced, or rebuild the table from its landed files.",
            )
        # The newest version: what later writers added since belongs to the table that this run goes on with.
        return _published(log, log.version, _recorded(write, log), repeated=True)
    if identity.follows is not None and (done or 0) != identity.follows:
        raise StateError(
            f"Batch {identity.number} is due, but the table has batch {done or 0}.",
            where=log.where,
            why="the ledger or the table was replaced or restored by hand",
            remedy="Put back what was replaced, or rebuild the table from its landed files.",
        )
    return None


def _recorded(write: Write, log: Log) -> Record:
    assert write.identity is not None
    want = (write.identity.app, write.identity.number)
    for _, record in records(log):
        if record.identity and tuple(record.identity) == want:
            return record
    # Commit metadata is trimmed at checkpoints, the identity is not: the write happened, its report is gone.
    return Record(write.table, write.kind, write.attempt, identity=want)


def _published(newest: Log, version: int, record: Record, *, repeated: bool = False) -> Published:
    # As of that version: were a later writer's data version reported here, their own report would look
    # like no change, and what this run computes from `version` would never be computed again.
    log = newest if newest.version == version else open_log(newest.name, newest.url, version)
    assert log is not None, "a newer version is there"
    return Published(
        version,
        log.data_version,
        record,
        log.rows,
        sum(file.size for file in log.files),
        len(log.files),
        repeated,
    )


def _refuse_superseded(write: Write, log: Log) -> None:
    if write.since is not None and records(log, max(log.version - write.since, 0)):
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


def _plan(write: Write, log: Log | None) -> Plan:
    """What to add and remove. Whatever forbids it is found here, before the table is touched in any way."""
    where = Where(table=write.table, url=write.url)
    if log:
        log.refuse_unknown_features()
    if write.staged is None:
        if log is None:
            raise StateError("There is no table to mark the batch in.", where=where)
        log.refuse_properties(removes=False)
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
        log.refuse_properties(removes=bool(planned.remove))
        log.refuse_removal(planned.remove)
    return planned


def _grow(write: Write, log: Log | None) -> bool:
    """Brings the table's schema up to the staged one in a commit of its own; False: open the table again."""
    from deltalake import TableFeatures
    from deltalake.exceptions import CommitFailedError, DeltaError

    if write.staged is None or log is None:
        return True
    change = _change(write, write.staged, log)
    properties = _properties({}, None)
    try:
        if change.add:
            fields = list(delta_schema(change.add).fields)
            log.handle.alter.add_columns(fields, commit_properties=properties)
        elif change.replace and _brings_first_ntz(write.staged, log):
            # An overwrite that brings such a column commits, and leaves a table that nobody can open.
            log.handle.alter.add_feature(
                TableFeatures.TimestampWithoutTimezone,
                allow_protocol_versions_increase=True,
                commit_properties=properties,
            )
        else:
            return True
    except CommitFailedError:
        pass
    except (DeltaError, OSError) as error:
        raise explain(log.where, error) from error
    # The handle is behind its own commit now: the caller opens the table again either way.
    return False


def _brings_first_ntz(staged: Staged, log: Log) -> bool:
    brings = any("timestamp_ntz" in str(column.type) for column in staged.schema)
    return brings and "timestampNtz" not in (log.handle.protocol().writer_features or ())


def _change(write: Write, staged: Staged, log: Log) -> Change:
    where = Where(table=write.table, url=write.url)
    refuse_broken_contract(staged.schema, write.declared, where)
    return plan_change(staged.schema, log.schema, write.declared, write.kind, where)


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
        _send(write, log, planned, record)
    except CommitFailedError:
        return _settle(write, log)
    except (DeltaError, OSError) as error:
        if done := _settle(write, log):
            return done
        if "already exists" in str(error):
            return None
        raise explain(Where(table=write.table, url=write.url), error) from error
    return _settle(write, log)


def _settle(write: Write, before: Log | None) -> Published | None:
    """Whether this very attempt is in the table: a commit whose answer was lost is recognized as done."""
    log = open_log(write.table, write.url)
    if log is None:
        return None
    for version, record in records(log, log.version - (before.version if before else -1)):
        if record.attempt == write.attempt:
            return _published(log, version, record)
    return None


def _send(write: Write, log: Log | None, planned: Plan, record: Record) -> None:
    from deltalake.transaction import RemoveAction, create_table_with_add_actions

    changes = bool(planned.add or planned.remove or log is None)
    data_version = (log.version + 1 if log else 0) if changes else None
    properties = _properties({KEY: record.to_json()}, write, data_version)
    now = int(datetime.now(UTC).timestamp() * 1000)
    adds = [_add(file, now) for file in planned.add]
    if log is None:
        assert write.staged is not None
        create_table_with_add_actions(
            write.url,
            delta_schema(write.staged.schema),
            adds,
            mode="error",
            partition_by=list(write.staged.partition_by),
            name=write.table,
            description=write.description or None,
            commit_properties=properties,
        )
        return
    staged = write.staged
    if staged and staged.partition_by != log.partition_by:
        _repartition(write, staged, log, adds, properties)
        return
    removes: list[AddAction | RemoveAction] = [
        RemoveAction(file.path, True, now, file.size, dict(file.partition)) for file in planned.remove
    ]
    replace = bool(staged and _change(write, staged, log).replace)
    # "overwrite" removes what the handle's version holds by itself, and takes the new schema.
    log.handle.create_write_transaction(
        list(adds) if replace else [*removes, *adds],
        "overwrite" if replace else "append",
        delta_schema(staged.schema) if staged and replace else log.handle.schema(),
        list(log.partition_by),
        commit_properties=properties,
    )


def _repartition(
    write: Write, staged: Staged, log: Log, adds: list[AddAction], properties: CommitProperties
) -> None:
    from deltalake.transaction import create_table_with_add_actions

    create_table_with_add_actions(
        write.url,
        delta_schema(staged.schema),
        adds,
        mode="overwrite",
        partition_by=list(staged.partition_by),
        name=write.table,
        description=write.description or None,
        configuration=log.handle.metadata().configuration,
        commit_properties=properties,
    )
    # This call loads the newest state itself, so it is no compare-and-swap: hold its version to the plan.
    done = _settle(write, log)
    if done and done.version != log.version + 1:
        raise StateError(
            f"Another writer committed while the table was partitioned anew (version {log.version + 1}).",
            where=log.where,
            why="this publish replaced those rows as well, as every full publish does",
            remedy="Run the other writer's table again if its rows are still wanted.",
        )


def _properties(
    metadata: Mapping[str, str], write: Write | None, data_version: int | None = None
) -> CommitProperties:
    from deltalake import CommitProperties, Transaction

    transactions = [Transaction(FORMAT_APP, FORMAT)]
    if data_version is not None:
        transactions.append(Transaction(DATA_APP, data_version))
    if write and write.identity:
        transactions.append(Transaction(write.identity.app, write.identity.number))
        transactions += [Transaction(app, number) for app, number in write.identity.beside.items()]
    return CommitProperties(
        custom_metadata=dict(metadata), max_commit_retries=0, app_transactions=transactions if write else None
    )


def _add(file: Any, now: int) -> AddAction:
    from deltalake.transaction import AddAction

    # Not escaped: delta-rs 1.6.6 misreads the \u pairs of characters above U+1FFFF, and then skips the file.
    stats = json.dumps(dict(file.stats), ensure_ascii=False)
    return AddAction(file.path, file.size, dict(file.partition), now, True, stats)


def delta_schema(schema: Schema) -> DeltaSchema:
    """The Delta schema of these columns; all are nullable, contracts are expectations."""
    from deltalake import Schema as DeltaSchema

    fields = [
        {"name": column.name, "type": to_delta(column.type), "nullable": True, "metadata": {}}
        for column in schema
    ]
    return DeltaSchema.from_json(json.dumps({"type": "struct", "fields": fields}))


def refuse_lost_files(staged: Staged) -> None:
    """Sees that every staged file is there, has its size, and is too young for a vacuum.

    delta-rs accepts a path that does not exist, and reading then fails for everybody.

    Raises:
        StateError: names the first file that is missing, changed or old.
    """
    if not staged.files:
        return
    objects, seen = open_objects(staged.table_url), {}
    for folder in staged.folders:
        for batch in objects.list(folder):
            rows = zip(
                batch["path"].to_pylist(),
                batch["size"].to_pylist(),
                batch["last_modified"].to_pylist(),
                strict=True,
            )
            seen.update({path: (size, modified) for path, size, modified in rows})
    for file in staged.files:
        size, modified = seen.get(file.path, (None, None))
        if size == file.size and modified is not None and datetime.now(UTC) - modified < STALE:
            continue
        raise StateError(
            "A staged file is missing, changed or too old; nothing was published.",
            where=Where(url=f"{staged.table_url}/{file.path}"),
            why=f"expected {file.size} bytes, found {size}"
            if size != file.size
            else f"it was written at {modified}, and a vacuum may remove it",
            remedy="Run the table again.",
        )


def discard(staged: Staged) -> None:
    """Deletes staged files that were not committed; only for a write that never tried to commit."""
    objects = open_objects(staged.table_url)
    for folder in staged.folders:
        for batch in objects.list(folder):
            objects.delete(batch["path"].to_pylist())
