"""A Delta table: read at its newest version, written in one commit or not at all."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from odibi_dagster.cloud.failures import unknown_column
from odibi_dagster.cloud.rows import Rows
from odibi_dagster.cloud.target import Target
from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.stream import Stream
from odibi_dagster.errors import ConfigError, DataError, ObjectNotFound, StateError, TransientError, Where
from odibi_dagster.lake.log import Log
from odibi_dagster.lake.partition_value import refuse_types
from odibi_dagster.lake.protocol import refuse_properties, refuse_unknown_features
from odibi_dagster.lake.schema import refuse_names
from odibi_dagster.sql.types import INTEGRAL, Schema, to_duckdb
from odibi_dagster.storage.failures import explain

if TYPE_CHECKING:
    from deltalake import DeltaTable

#: How often a write that lost against another one begins anew.
_ATTEMPTS = 12
#: How often it looks whether files without a log become a table: a second in all.
_PATIENCE = 5
#: What DuckDB says where the rows that it was given end in an error, before that error.
_OWN = "reading the stream registered as 'data' failed: "


def stream(target: Target, path: str, columns: Sequence[str] | None) -> Stream:
    """The rows of the newest version, asked of the store when they are read; nothing is kept of them.

    Raises:
        ObjectNotFound: there is no table.
        StateError: it uses features that cannot be honoured here, such as deletion vectors.
        ConfigError: it has no such column.
    """
    log = open_log(target, path)
    if log is None:
        raise ObjectNotFound(
            "There is no Delta table.",
            where=Where(url=target.url(path)),
            remedy="A Delta table is a folder with _delta_log in it; name the format of other files.",
        )
    refuse_unknown_features(log, reading=True)
    names = [column.name for column in log.schema]
    for name in columns or ():
        if name not in names:
            raise unknown_column(name, names, log.where)
    wanted = ", ".join(quote.name(name) for name in columns or names)
    return Stream(log.handle, f"SELECT {wanted} FROM t")


def open_log(target: Target, path: str) -> Log | None:
    """The table's log at its newest version; None if there is no table."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    url, objects = target.url(path), target.objects(path)
    if objects.empty("_delta_log"):
        return None
    try:
        handle: DeltaTable = DeltaTable(url, storage_options=target.stores.store_of(url).delta_options())
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as error:
        raise explain(Where(url=url), error) from error
    return Log("", url, handle, objects)


def write(
    target: Target, path: str, connection: Any, schema: Schema, mode: str, partition_by: Sequence[str]
) -> None:
    """One commit with the rows of the view `data`, or none.

    A commit of somebody else in between is not overwritten blindly: the write looks again and begins anew. An
    application transaction of its own tells whether a commit whose answer was lost was done.

    Args:
        target: where.
        path: the table's folder.
        connection: DuckDB's, with the view.
        schema: the view's columns.
        mode: overwrite, append or error.
        partition_by: the partition columns; none means those that the table has.

    Raises:
        DataError: the columns are not the table's.
        duckdb.Error: the query behind the view fails.
        StateError: there is a table, and the mode is error; or it uses features that would be damaged.
        ConfigError: the table is partitioned by other columns.
        StorageError, TransientError: the store refused, or others commit all the time.
    """
    import duckdb
    from deltalake import CommitProperties, Transaction, write_deltalake
    from deltalake.exceptions import CommitFailedError, DeltaError

    url = target.url(path)
    where, app = Where(url=url), f"odibi/x/{uuid.uuid4()}"
    refuse_names(schema, where)
    refuse_types(schema, tuple(partition_by), where)
    once = CommitProperties(max_commit_retries=0, app_transactions=[Transaction(app, 1)])
    for attempt in range(_ATTEMPTS):
        log = open_log(target, path)
        if log is not None and log.done(app) == 1:
            return
        rows = connection.sql("FROM data")
        options = target.stores.store_of(url).delta_options()
        if log is not None:
            rows = _fitting(connection, log, schema, mode, partition_by)
        elif target.objects().head(path) or not target.objects().empty(path):
            if attempt < _PATIENCE:  # another writer's first files may be there, and its commit on its way
                _pause(attempt)
                continue
            raise StateError(
                "There are files, and they are no Delta table.",
                where=where,
                remedy="Choose another folder, or delete them first.",
            )
        try:
            with Rows(rows) as reader:
                write_deltalake(
                    url if log is None else log.handle,
                    cast(Any, reader),
                    mode=cast(Any, "error" if log is None else mode),
                    partition_by=list(partition_by) or None,
                    storage_options=options,
                    commit_properties=once,
                )
            return
        except CommitFailedError:
            _pause(attempt)
        except (DeltaError, OSError) as error:
            if "already exists" in str(error):
                continue
            if _OWN in str(error):  # the relation's own query failed, and not the store
                raise duckdb.InvalidInputException(str(error).partition(_OWN)[2]) from error
            raise explain(where, error) from error
    raise TransientError(
        f"Others wrote the table {_ATTEMPTS} times while this was being written; nothing was published.",
        where=where,
        remedy="Write again.",
    )


def _pause(attempt: int) -> None:
    longest = min(2.0, 0.05 * 2**attempt)
    time.sleep(random.uniform(longest / 2, longest))


def _fitting(connection: Any, log: Log, schema: Schema, mode: str, partition_by: Sequence[str]) -> Any:
    """The rows with exactly the table's columns: whole numbers of another width are cast, or refused."""
    if mode == "error":
        raise already(log.where)
    refuse_unknown_features(log)
    refuse_properties(log, removes=mode == "overwrite")
    if partition_by and tuple(partition_by) != log.partition_by:
        raise ConfigError(
            f"The table is partitioned by {', '.join(log.partition_by) or 'nothing'}.",
            where=log.where,
            remedy="Leave `partition_by` out, or write to another path.",
        )
    given, want = {c.name: c.type for c in schema}, {c.name: c.type for c in log.schema}
    lines = [f"{name} is missing" for name in want if name not in given]
    lines += [f"{name} ({type}) is not in the table" for name, type in given.items() if name not in want]
    lines += [
        f"{name} is {given[name]}, the table has {type}"
        for name, type in want.items()
        if name in given and given[name] != type and not {type, given[name]} <= set(INTEGRAL)
    ]
    if lines:
        raise DataError(
            "The data has other columns than the table; nothing was written.",
            where=log.where,
            why="; ".join(lines),
            remedy="Cast or rename, or write to another path; nothing is cast silently.",
        )
    if given == want:
        return connection.sql("FROM data")
    items = [f"CAST({quote.name(n)} AS {to_duckdb(t)}) AS {quote.name(n)}" for n, t in want.items()]
    # Now, and not within delta-rs: a number that does not fit is DuckDB's to tell.
    connection.execute(f"CREATE OR REPLACE TABLE fitting AS SELECT {', '.join(items)} FROM data")
    return connection.sql("FROM fitting")


def already(where: Where) -> StateError:
    """The error of mode="error" where something is."""
    return StateError(
        "There is something already, and mode='error' replaces nothing.",
        where=where,
        remedy="Choose another path, or mode='overwrite'.",
    )
