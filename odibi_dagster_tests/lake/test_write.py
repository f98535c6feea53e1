"""Identities and ranges."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odibi_dagster.lake.record import InputVersion
from odibi_dagster.lake.write import PartitionRange, append_identity

READ = {"bronze.a": InputVersion("id-a", 7, 5), "bronze.b": InputVersion("id-b", 2, 2)}


def test_the_same_work_has_the_same_identity() -> None:
    again = {name: READ[name] for name in reversed(READ)}
    compacted = {**READ, "bronze.a": InputVersion("id-a", 9, 5)}
    first = append_identity("silver.t", "code", READ)
    assert (
        first == append_identity("silver.t", "code", again) == append_identity("silver.t", "code", compacted)
    )


def test_other_work_has_another() -> None:
    same = append_identity("silver.t", "code", READ)
    others = [
        append_identity("silver.u", "code", READ),
        append_identity("silver.t", "other", READ),
        append_identity("silver.t", "code", READ, "2024-01-01"),
        append_identity("silver.t", "code", {**READ, "bronze.a": InputVersion("id-a", 7, 6)}),
        append_identity("silver.t", "code", {**READ, "bronze.a": InputVersion("replaced", 7, 5)}),
        append_identity("silver.t", "code", {"bronze.a": READ["bronze.a"]}),
    ]
    assert len({each.app for each in [same, *others]}) == len(others) + 1


@given(st.dates(date(1, 1, 1), date(9999, 12, 30)), st.dates(), st.dates())
def test_a_range_of_days_holds_its_days(day: date, one: date, other: date) -> None:
    start, end = sorted((one, other))
    assert PartitionRange("day", start=start, end=end).holds(day.isoformat()) == (start <= day < end)


def test_null_is_in_no_range() -> None:
    assert not PartitionRange("day", ("None", "NULL", "")).holds(None)
