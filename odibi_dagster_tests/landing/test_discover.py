from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from odibi_dagster.errors import StorageError, TransientError
from odibi_dagster.landing.discover import connect, discover, microseconds
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.storage.objects import Objects
from odibi_dagster_tests.landing.lake import ON_DISK, Lake


def listing(
    source: LandingSource, now: datetime | None = None, deadline: float | None = None
) -> dict[str, str]:
    with connect() as connection:
        discover(connection, source, now or datetime.now(UTC), deadline)
        return dict(connection.execute("SELECT path, state FROM listing").fetchall())


def test_nothing_there_is_an_empty_listing(lake: Lake) -> None:
    assert listing(lake.source()) == {}
    lake.land("other/a.csv")
    assert listing(lake.source()) == {}


NOT_ARRIVALS = [
    "_SUCCESS",
    "_committed_12",
    "_started_12",
    ".a.csv.crc",
    ".hidden/a.csv",
    "_temporary/0/a.csv",
    "a.csv.tmp",
    "a.csv.TMP",
    "a.part",
    "a.crdownload",
    "a.csv._COPYING_",
    "x_$folder$",
    "_delta_log/0.json",
    "a.csv~",
]


def test_markers_and_unfinished_files_are_not_arrivals(lake: Lake) -> None:
    for name in NOT_ARRIVALS:
        lake.land(f"raw/{name}")
    lake.land("raw/a.csv")
    found = listing(lake.source())
    assert found.pop("raw/a.csv") == "settled"
    # A store's own markers are no objects at all for the platform.
    assert set(found.values()) == {"hidden"} and len(found) >= len(NOT_ARRIVALS) - 1


def test_a_folder_that_the_glob_names_is_not_hidden(lake: Lake) -> None:
    lake.land(".inbox/a.csv")
    assert listing(lake.source(path=".inbox/*.csv")) == {".inbox/a.csv": "settled"}


def test_spaces_percent_signs_unicode_and_special_characters(lake: Lake) -> None:
    names = {
        "a b.csv",
        "100%.csv",
        "%41.csv",
        "é.csv",
        "e\u0301.csv",
        "日本.csv",
        "q?.csv",
        "*.csv",
        "[1].csv",
    }
    names |= {
        "{x}.csv",
        "'q'.csv",
        '"d".csv',
        "#1.csv",
        "a=b&c.csv",
        "day=2024-01-01/%2F x/ü.csv",
    }
    if lake.place.server.provider == "local":
        names.add("back\\slash.csv")  # Azure takes it for a slash, and so does obstore's client of S3
    for name in names:
        lake.land(f"raw/{name}")
    assert listing(lake.source()) == {f"raw/{name}": "settled" for name in names}


@ON_DISK
def test_settle_age(lake: Lake) -> None:
    now = time.time()
    lake.land("raw/old.csv", modified=now - 61)
    lake.land("raw/young.csv", modified=now - 59)
    source = lake.source(settle=60)
    assert listing(source, datetime.fromtimestamp(now, UTC)) == {
        "raw/old.csv": "settled",
        "raw/young.csv": "unsettled",
    }
    assert set(listing(source, datetime.fromtimestamp(now + 2, UTC)).values()) == {"settled"}


@ON_DISK
def test_clock_skew_delays_at_most_a_day_and_skips_nothing(lake: Lake) -> None:
    now = time.time()
    lake.land("raw/skewed.csv", modified=now + 600)
    lake.land("raw/next-year.csv", modified=now + 365 * 86400)
    lake.land("raw/1971.csv", modified=40_000_000)
    source = lake.source(settle=60)
    assert listing(source) == {
        "raw/skewed.csv": "unsettled",
        "raw/next-year.csv": "settled",
        "raw/1971.csv": "settled",
    }
    assert set(listing(source, datetime.fromtimestamp(now + 661, UTC)).values()) == {"settled"}
    assert set(listing(lake.source(settle=0)).values()) == {"settled"}


def test_several_prefixes_are_listed_once_each(lake: Lake) -> None:
    lake.land("raw/orders/a.csv")
    lake.land("raw/returns/a.csv")
    lake.land("raw/other/a.csv")
    assert set(listing(lake.source(path="raw/{orders,returns,orders}/*.csv"))) == {
        "raw/orders/a.csv",
        "raw/returns/a.csv",
    }


@ON_DISK
def test_ten_thousand_files_quickly(lake: Lake) -> None:
    os.makedirs(f"{lake.landing}/raw")
    for number in range(10_000):
        open(f"{lake.landing}/raw/{number}.csv", "w").close()
    started = time.monotonic()
    assert len(listing(lake.source())) == 10_000
    assert time.monotonic() - started < 3  # measured: 0.2 s


def test_an_error_in_the_middle_is_not_the_end_of_the_listing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.land("raw/a.csv")
    whole = Objects.list

    def breaks(self: Objects, prefix: str = "") -> Iterator[Any]:
        yield from whole(self, prefix)
        raise StorageError("The store refused.")

    monkeypatch.setattr(Objects, "list", breaks)
    with pytest.raises(StorageError, match="refused"):
        listing(lake.source())


def test_a_listing_that_takes_too_long_is_given_up(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.land("raw/a.csv")
    whole = Objects.list
    monkeypatch.setattr(Objects, "list", lambda self, prefix="": [*whole(self, prefix), *whole(self, prefix)])
    with pytest.raises(TransientError, match="not finished in time"):
        listing(lake.source(), deadline=time.monotonic() - 1)


def test_microseconds_are_exact() -> None:
    for moment in (datetime(2026, 1, 1, 1, 2, 3, 999_999, UTC), datetime(1969, 12, 31, 23, 59, 59, 1, UTC)):
        assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(moment)) == moment
