from __future__ import annotations

from datetime import UTC, datetime

import pytest

from odibi_dagster.errors import DataError
from odibi_dagster.landing.whole import whole
from odibi_dagster_tests.landing.lake import ON_DISK, Lake


def now() -> datetime:
    return datetime.now(UTC)


def test_an_empty_listing_is_an_error_unless_it_is_allowed(lake: Lake) -> None:
    with pytest.raises(DataError, match="No file is there") as caught:
        whole(lake.source(kind="full"), now())
    assert "allow_empty" in caught.value.remedy
    assert whole(lake.source(kind="full", allow_empty=True), now()).files == ()


@ON_DISK
def test_an_unsettled_file_is_an_error_unless_it_is_left_out(lake: Lake) -> None:
    lake.land("raw/old.csv", modified=1_000_000)
    lake.land("raw/young.csv")
    with pytest.raises(DataError, match=r"1 files may still be written, such as 'raw/young.csv'"):
        whole(lake.source(kind="full", settle=60), now())
    found = whole(lake.source(kind="full", settle=60, allow_partial=True), now())
    assert [file.path for file in found.files] == ["raw/old.csv"] and found.unsettled == ("raw/young.csv",)


def test_the_digest_follows_the_files(lake: Lake) -> None:
    source = lake.source(kind="full")
    lake.land("raw/a.csv", modified=1_000_000)
    first = whole(source, now())
    lake.land("raw/_SUCCESS")
    assert whole(source, now()).digest == first.digest
    for change in (
        lambda: lake.land("raw/b.csv"),
        lambda: lake.land("raw/a.csv", "y", modified=2_000_000),
        lambda: lake.land("raw/a.csv", "other size", modified=2_000_000),
        lambda: lake.take("raw/a.csv"),
    ):
        change()
        second = whole(source, now())
        assert second.digest != first.digest
        first = second
