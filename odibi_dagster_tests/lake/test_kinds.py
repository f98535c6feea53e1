"""What each kind removes and adds."""

from __future__ import annotations

from datetime import date

import pytest

from odibi_dagster.errors import DataError
from odibi_dagster.lake.write import Identity, PartitionRange
from odibi_dagster_tests.lake.table import Table

DAYS = """SELECT id::BIGINT AS id, day::DATE AS day FROM (VALUES
    (1, '2024-01-01'), (2, '2024-01-02'), (3, '2024-01-03'), (4, '2024-02-01'), (5, NULL)) AS v(id, day)"""


def ids(table: Table) -> list[int]:
    return [id for (id,) in table.rows("id")]


def days(start: str, end: str) -> PartitionRange:
    return PartitionRange("day", start=date.fromisoformat(start), end=date.fromisoformat(end))


def row(id: int, day: str | None) -> str:
    return f"SELECT {id}::BIGINT AS id, {f'DATE {day!r}' if day else 'NULL::DATE'} AS day"


@pytest.fixture
def by_day(table: Table) -> Table:
    table.publish(DAYS, "partition", ["day"])
    return table


def test_without_a_range_the_partitions_of_the_result_are_replaced(by_day: Table) -> None:
    done = by_day.publish(row(20, "2024-01-02"), "partition", ["day"])
    assert ids(by_day) == [1, 20, 3, 4, 5]
    assert done.record.partitions == ['{"day": "2024-01-02"}']


def test_null_is_a_partition(by_day: Table) -> None:
    by_day.publish(row(50, None), "partition", ["day"])
    assert ids(by_day) == [1, 2, 3, 4, 50]


def test_an_empty_result_without_a_range_replaces_nothing(by_day: Table) -> None:
    by_day.publish(DAYS + " WHERE false", "partition", ["day"])
    assert ids(by_day) == [1, 2, 3, 4, 5]


def test_a_range_is_replaced_exactly(by_day: Table) -> None:
    by_day.publish(row(20, "2024-01-02"), "partition", ["day"], range=days("2024-01-01", "2024-02-01"))
    assert ids(by_day) == [20, 4, 5]


def test_a_range_is_replaced_by_nothing(by_day: Table) -> None:
    by_day.publish(DAYS + " WHERE false", "partition", ["day"], range=days("2024-01-01", "2024-01-03"))
    assert ids(by_day) == [3, 4, 5]


def test_static_keys_are_a_range(table: Table) -> None:
    sql = "SELECT i::BIGINT AS id, c AS region FROM (VALUES (1, 'n'), (2, 's'), (3, 'w')) AS v(i, c)"
    table.publish(sql, "partition", ["region"])
    keys = PartitionRange("region", ("n", "s"))
    table.publish("SELECT 9::BIGINT AS id, 's' AS region", "partition", ["region"], range=keys)
    assert ids(table) == [3, 9]


@pytest.mark.parametrize("day", ["2024-02-01", "2023-12-31", None])
@pytest.mark.parametrize("kind", ["partition", "append"])
def test_rows_outside_of_the_range_fail(by_day: Table, day: str | None, kind: str) -> None:
    before = by_day.log().version
    identity = Identity("a", 1) if kind == "append" else None
    inside, outside = row(8, "2024-01-31"), row(9, day)
    with pytest.raises(DataError, match="1 rows lie outside") as caught:
        by_day.publish(
            f"{inside} UNION ALL {outside}",
            kind,
            ["day"],
            range=days("2024-01-01", "2024-02-01"),
            identity=identity,
        )
    assert f"day = {day or 'NULL'}" in str(caught.value)
    assert by_day.log().version == before and ids(by_day) == [1, 2, 3, 4, 5]


def test_the_guard_against_rows_outside(by_day: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a second run of the neighbour's partition doubles what this run left there."""
    monkeypatch.setattr("odibi_dagster.lake.kinds._refuse_outside", lambda *args: None)
    by_day.publish(row(9, "2024-02-01"), "partition", ["day"], range=days("2024-01-01", "2024-01-02"))
    assert ids(by_day) == [2, 3, 4, 5, 9]


def test_several_partition_columns(table: Table) -> None:
    values = "(VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1)) AS v(i, y, m)"
    sql = f"SELECT i::BIGINT AS id, y::INT AS y, m::INT AS m FROM {values}"
    table.publish(sql, "partition", ["y", "m"])
    table.publish("SELECT 9::BIGINT AS id, 1::INT AS y, 2::INT AS m", "partition", ["y", "m"])
    assert ids(table) == [1, 3, 9]
    table.publish(
        "SELECT 8::BIGINT AS id, 1::INT AS y, 7::INT AS m",
        "partition",
        ["y", "m"],
        range=PartitionRange("y", ("1",)),
    )
    assert ids(table) == [3, 8]


def test_append_adds_and_removes_nothing(by_day: Table) -> None:
    by_day.publish(row(1, "2024-01-01"), "append", ["day"], identity=Identity("a", 1))
    assert ids(by_day) == [1, 1, 2, 3, 4, 5]
