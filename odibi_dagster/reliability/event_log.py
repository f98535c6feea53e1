"""The local databases of Dagster's events, kept open while a run writes to them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection, Engine


def keep_open_while_planning() -> None:
    """From now on runs that this process creates write what they plan with their databases kept open.

    Dagster announces each asset and each check of a run before the executor begins: 45 events and 740 times
    fsync for the shipped tables, 0.8 s of waiting for the disk. Done again, nothing changes.
    """
    from dagster._core.instance.runs.run_domain import RunDomain

    plan = RunDomain._log_asset_planned_events
    if hasattr(plan, "kept_open"):
        return

    @functools.wraps(plan)
    def planned(domain: Any, run: dg.DagsterRun, *args: Any, **keywords: Any) -> None:
        with kept_open(domain._instance, run.run_id):
            plan(domain, run, *args, **keywords)

    planned.kept_open = True  # type: ignore[attr-defined]
    RunDomain._log_asset_planned_events = planned  # type: ignore[assignment, method-assign]


@contextmanager
def kept_open(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Inside of the block this process keeps the run's database and the index open; nothing else changes.

    For each event Dagster 1.13 opens its SQLite databases anew, three to five times, and closes them: what
    SQLAlchemy compiled is lost, and the last one to close a database copies its write-ahead log back, with
    fsync. (209 events of the shipped tables: 1.5 s of processor time, and more where the disk is busy.)
    Every event is still committed by itself, and other processes read and write as before.

    Args:
        instance: Dagster's; with another storage than SQLite files this does nothing.
        run_id: the run whose events are written.
    """
    from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
        INDEX_SHARD_NAME,
        SqliteEventLogStorage,
    )

    storage = instance.event_log_storage
    if type(storage) is not SqliteEventLogStorage or "_connect" in vars(storage):
        yield
        return
    anew, engines = storage._connect, dict[str, "Engine"]()

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        if shard not in (run_id, INDEX_SHARD_NAME):
            with anew(shard) as connection:
                yield connection
            return
        with storage._db_lock:
            if shard not in engines:
                engines[shard] = _engine(storage.conn_string_for_shard(shard))
            if shard not in storage._initialized_dbs:
                storage._initdb(engines[shard])
                storage._initialized_dbs.add(shard)
            with engines[shard].connect() as connection, connection.begin():
                yield connection

    with ExitStack() as closing:
        closing.callback(_dispose, engines)
        storage._connect = connect  # type: ignore[method-assign]
        closing.callback(lambda: vars(storage).pop("_connect"))
        yield


def _dispose(engines: Mapping[str, Engine]) -> None:
    for engine in engines.values():
        engine.dispose()


def _engine(url: str) -> Engine:
    from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import QueuePool

    made = create_engine(
        url, poolclass=QueuePool, pool_size=1, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
    )
    event.listen(made, "connect", _without_fsync)
    return made


def _without_fsync(connection: sqlite3.Connection, _: object) -> None:
    # In a write-ahead log a killed process loses nothing by this, and a power cut at most the last events,
    # never the database (sqlite.org, "PRAGMA synchronous"). What was published is in the tables' own logs.
    # A run's new database gets its log before its tables: they cost 40 times fsync otherwise.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
