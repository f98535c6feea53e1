"""What lies below a source's glob now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import TransientError
from odibi_dagster.landing.glob import compile_glob
from odibi_dagster.landing.hidden import HIDDEN
from odibi_dagster.landing.identity import IDENTITY
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.storage.objects import open_objects

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A stamp further ahead than this is a wrong date, not a clock that is off: the file is not waited for.
_FUTURE_US = 24 * 3600 * 10**6


def connect() -> DuckDBPyConnection:
    """An empty database in memory, in which a listing and a ledger can be compared."""
    import duckdb

    return duckdb.connect(":memory:")


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, UTC; exact, unlike a float of seconds."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def discover(
    connection: DuckDBPyConnection, source: LandingSource, now: datetime, deadline: float | None = None
) -> None:
    """Put every object that the source's glob matches into the table `listing` of a connection.

    The rows are path (relative to the landing URL), size, modified_us, etag, identity and state: 'settled',
    'unsettled' (younger than the settle age), 'hidden' (see `hidden`). Only the folders that the glob names
    literally are listed, in Arrow batches, and nothing is held in Python. A clock is asked for the settle age
    alone: an old or wrong time stamp never hides a file.

    Args:
        connection: a database in memory.
        source: whose files.
        now: an aware instant.
        deadline: on `time.monotonic`: a listing that is not finished by then is given up.

    Raises:
        StorageError, TransientError: the store refused or did not answer; or the deadline passed.
    """
    from arro3.core import RecordBatchReader

    glob = compile_glob(source.path)
    objects = open_objects(source.url)
    tag = "NULL" if objects.local() is not None else "e_tag"
    connection.execute(
        "CREATE TABLE listing(path VARCHAR, size BIGINT, modified_us BIGINT, etag VARCHAR,"
        " identity VARCHAR, state VARCHAR)"
    )
    now_us = microseconds(now)
    for prefix in glob.prefixes:
        batches = iter(objects.list(prefix))
        first = next(batches, None)
        if first is None:
            continue
        failures: list[Exception] = []
        rest = _until(deadline, source, batches, failures)
        found: Any = RecordBatchReader.from_batches(first.schema, chain((first,), rest))
        connection.from_arrow(found).create_view("found")
        connection.execute(
            f"""
            INSERT INTO listing
            SELECT path, size, modified_us, etag, {IDENTITY},
                CASE WHEN regexp_full_match(substr(path, $skip), $hidden, 's') THEN 'hidden'
                     WHEN $settle = 0 OR modified_us <= $now - $settle OR modified_us > $now + {_FUTURE_US}
                     THEN 'settled' ELSE 'unsettled' END
            FROM (SELECT path, size::BIGINT AS size, epoch_us(last_modified) AS modified_us, {tag} AS etag
                  FROM found WHERE regexp_full_match(path, $regex, 's'))
            """,
            {
                "skip": len(prefix) + 2 if prefix else 1,
                "hidden": HIDDEN,
                "settle": round(source.settle * 10**6),
                "now": now_us,
                "regex": glob.regex,
            },
        )
        connection.execute("DROP VIEW found")
        if failures:
            raise failures[0]


def _until(
    deadline: float | None, source: LandingSource, batches: Iterator[Any], failures: list[Exception]
) -> Iterator[Any]:
    """The batches up to a deadline. Errors are put aside: they would lose their type in the Arrow stream."""
    try:
        for batch in batches:
            if deadline is not None and time.monotonic() > deadline:
                raise TransientError(
                    "The listing was not finished in time.",
                    where=source.where,
                    remedy="Name more folders literally in the glob, or move away files that were taken.",
                )
            yield batch
    except Exception as error:
        failures.append(error)
