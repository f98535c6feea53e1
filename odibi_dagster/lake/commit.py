"""One commit through delta-rs: what is added, removed, and carried along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.errors import StateError, Where
from odibi_dagster.lake.kinds import Plan
from odibi_dagster.lake.log import DATA_APP, Log
from odibi_dagster.lake.recognize import settle
from odibi_dagster.lake.record import FORMAT, FORMAT_APP, KEY, Record
from odibi_dagster.lake.schema import Change, plan_change, refuse_broken_contract
from odibi_dagster.lake.write import Write
from odibi_dagster.sql.types import Schema, to_delta
from odibi_dagster.storage.secrets import mask
from odibi_dagster.storage.stores import store_of

if TYPE_CHECKING:
    from deltalake import CommitProperties, PostCommitHookProperties
    from deltalake import Schema as DeltaSchema
    from deltalake.transaction import AddAction, RemoveAction

#: Commits after which a checkpoint is due: whoever opens a table reads each entry since the last one twice.
CHECKPOINT = 10


def send(write: Write, log: Log | None, planned: Plan, record: Record) -> None:
    from deltalake.transaction import RemoveAction, create_table_with_add_actions

    changes = bool(planned.add or planned.remove or log is None)
    data_version = (log.version + 1 if log else 0) if changes else None
    properties = properties_of({KEY: record.to_json()}, write, data_version)
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
            configuration={"delta.checkpointInterval": str(CHECKPOINT)},
            storage_options=store_of(write.url).delta_options(),
            commit_properties=properties,
            post_commithook_properties=afterwards(0),
        )
        return
    staged = write.staged
    if staged and staged.partition_by != log.partition_by:
        _repartition(write, staged, log, adds, properties)
        return
    removes: list[AddAction | RemoveAction] = [
        RemoveAction(file.path, True, now, file.size, dict(file.partition)) for file in planned.remove
    ]
    replace = bool(staged and change_of(write, staged, log).replace)
    # "overwrite" removes what the handle's version holds by itself, and takes the new schema.
    log.handle.create_write_transaction(
        list(adds) if replace else [*removes, *adds],
        "overwrite" if replace else "append",
        delta_schema(staged.schema) if staged and replace else log.handle.schema(),
        list(log.partition_by),
        commit_properties=properties,
        post_commithook_properties=afterwards(log.version + 1),
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
        storage_options=store_of(write.url).delta_options(),
        commit_properties=properties,
    )
    # This call loads the newest state itself, so it is no compare-and-swap: hold its version to the plan.
    done = settle(write, log)
    if done and done.version != log.version + 1:
        raise StateError(
            f"Another writer committed while the table was partitioned anew (version {log.version + 1}).",
            where=log.where,
            why="this publish replaced those rows as well, as every full publish does",
            remedy="Run the other writer's table again if its rows are still wanted.",
        )


def properties_of(
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
        custom_metadata={key: mask(text) for key, text in metadata.items()},
        max_commit_retries=0,
        app_transactions=transactions if write else None,
    )


def afterwards(version: int) -> PostCommitHookProperties:
    """What follows on the commit of a version: a checkpoint where it is due, and then what has expired goes.

    delta-rs would look for expired entries after each commit, in a listing of the whole log; they can go only
    behind a checkpoint.
    """
    from deltalake import PostCommitHookProperties

    return PostCommitHookProperties(
        create_checkpoint=True, cleanup_expired_logs=None if (version + 1) % CHECKPOINT == 0 else False
    )


def _add(file: Any, now: int) -> AddAction:
    from deltalake.transaction import AddAction

    # Not escaped: delta-rs 1.6.6 misreads the \u pairs of characters above U+1FFFF, and then skips the file.
    stats = json.dumps(dict(file.stats), ensure_ascii=False)
    return AddAction(file.path, file.size, dict(file.partition), now, True, stats)


def change_of(write: Write, staged: Staged, log: Log) -> Change:
    where = Where(table=write.table, url=write.url)
    refuse_broken_contract(staged.schema, write.declared, where)
    return plan_change(staged.schema, log.schema, write.declared, write.kind, where)


def delta_schema(schema: Schema) -> DeltaSchema:
    """The Delta schema of these columns; all are nullable, contracts are expectations."""
    from deltalake import Schema as DeltaSchema

    fields = [
        {"name": column.name, "type": to_delta(column.type), "nullable": True, "metadata": {}}
        for column in schema
    ]
    return DeltaSchema.from_json(json.dumps({"type": "struct", "fields": fields}))
