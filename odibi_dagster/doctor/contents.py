"""What lies in a store: sources' files, tables' logs, ledgers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from odibi_dagster.doctor.check import Check, Said, failure
from odibi_dagster.doctor.examine import at_once
from odibi_dagster.doctor.places import Places
from odibi_dagster.errors import OdibiError
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.whole import list_whole
from odibi_dagster.storage.objects import open_objects

_LISTING = 10.0  # seconds for one source's listing


def contents(places: Places, needs: tuple[str, ...]) -> Iterator[Check]:
    """The checks of what lies in one store.

    Args:
        places: what is there.
        needs: the checks without which none of it can be read.
    """
    if places.sources or places.deltas:
        yield Check("sources", lambda: _sources(places), needs, 30)
    if places.tables:
        yield Check("table logs", lambda: _tables(places.tables), needs, 60)
    if places.ledgers:
        yield Check("ledgers", lambda: _ledgers(places), needs, 30)


def _sources(places: Places) -> Iterator[Said]:
    counts = at_once(_count, places.sources)
    found = []
    for source, count in zip(places.sources, counts, strict=True):
        if isinstance(count, BaseException):
            yield _about(source.table, count)
        elif count:
            found.append(f"{source.table} ({count:,})")
        else:
            yield Said("warning", f"{source.table}: no file matches {source.path} in {source.url}",
                       "Land a file, or correct the path.")  # fmt: skip
    for key, url in places.deltas.items():
        if open_objects(url).empty("_delta_log"):
            yield Said("failed", f"{key}: there is no Delta table at {url}", "Correct the `url:`.")
        else:
            found.append(key)
    if found:
        yield Said("ok", "files of " + ", ".join(found))


def _count(source: LandingSource) -> int:
    listed = list_whole(source, datetime.now(UTC), time.monotonic() + _LISTING)
    return len(listed.files) + len(listed.unsettled)


def _tables(tables: Mapping[str, str]) -> Iterator[Said]:
    from odibi_dagster.lake.log import open_log
    from odibi_dagster.lake.protocol import refuse_unknown_features

    def version(key: str) -> int | None:
        log = open_log(key, tables[key])
        if log is None:
            return None
        refuse_unknown_features(log)
        return len(log.files)

    opened, new = 0, 0
    for key, files in zip(tables, at_once(version, tables), strict=True):
        if isinstance(files, BaseException):
            yield _about(key, files)
        else:
            opened, new = opened + (files is not None), new + (files is None)
    yield from _counted(opened, new, "opened", "not published yet")


def _ledgers(places: Places) -> Iterator[Said]:
    def last(table: str) -> int | None:
        ledger = Ledger.open(places.checkpoints, table)
        return ledger.last if ledger.exists else None

    opened, new = 0, 0
    for table, number in zip(places.ledgers, at_once(last, places.ledgers), strict=True):
        if isinstance(number, BaseException):
            yield _about(table, number)
        else:
            opened, new = opened + (number is not None), new + (number is None)
    yield from _counted(opened, new, "read", "not begun yet")


def _counted(good: int, new: int, verb: str, none: str) -> Iterator[Said]:
    if good or new:
        yield Said("ok", f"{good} {verb}" + (f", {new} {none}" if new else ""))


def _about(table: str, error: BaseException) -> Said:
    said = failure(error)
    named = isinstance(error, OdibiError) and error.where.table == table
    return said if named else Said(said.result, f"{table}: {said.text}", said.remedy)
