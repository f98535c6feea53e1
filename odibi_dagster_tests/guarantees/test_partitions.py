"""Runs with partition keys, killed and repeated."""

from __future__ import annotations

from typing import Any

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import on_stores
from odibi_dagster_tests.guarantees.points import PUBLISH, Point
from odibi_dagster_tests.guarantees.processes import finish, killed, run, start_run

DAILY = """/*
kind: {kind}
partition_by: [order_date]
partitions: {{daily: {{start: 2024-01-01, column: order_date}}}}
expect:
  order_id_is_known: {{not_null: [order_id], on_fail: fail}}
*/
SELECT order_id, order_date FROM bronze.orders
WHERE order_date >= :partition_start AND order_date < :partition_end
"""
RANGE = ["--partition-range", "2024-01-02...2024-01-05"]


def ids(lake: Lake, table: str, first: int = 1, last: int = 31) -> list[int]:
    days = [(id, day) for id, day in lake.rows(table, "order_id, order_date") if day]
    return sorted(id for id, day in days if first <= day.day <= last)


@pytest.fixture
def daily(lake: Lake) -> Lake:
    run(lake, select=["bronze.orders"])
    return lake


PLACES = [("local", kind, when) for kind in ("partition", "append") for when in ("before", "after")]
PLACES += [("azurite", "append", "after"), ("seaweedfs", "partition", "after")]


@pytest.mark.parametrize(("lakes", "kind", "when"), PLACES, indirect=["lakes"])
def test_a_range_killed_around_its_commit_is_there_once(daily: Lake, kind: str, when: str) -> None:
    daily.define("silver/daily.sql", DAILY.format(kind=kind))
    values: dict[str, Any] = {"select": ["silver.daily"], "options": RANGE}
    killed(daily, point=Point(PUBLISH, "send", when, "silver.daily"), **values)
    run(daily, **values)
    assert ids(daily, "silver.daily") == ids(daily, "bronze.orders", 2, 5)


@on_stores(["local", "seaweedfs"])
def test_partitions_that_have_become_empty_are_emptied(daily: Lake) -> None:
    daily.define("silver/daily.sql", DAILY.format(kind="partition"))
    run(daily, select=["silver.daily"], options=["--partition-range", "2024-01-01...2024-01-09"])
    nothing = DAILY.format(kind="partition") + " AND order_id < 0"
    daily.define("silver/daily.sql", nothing)
    run(daily, select=["silver.daily"], options=["--partition", "2024-01-04"])
    left = [*ids(daily, "bronze.orders", 1, 3), *ids(daily, "bronze.orders", 5)]
    assert ids(daily, "silver.daily") == sorted(left)


@on_stores(["local", "azurite"])
def test_two_runs_of_two_partitions_at_once(daily: Lake) -> None:
    daily.define("silver/daily.sql", DAILY.format(kind="partition"))
    children = [
        start_run(daily, select=["silver.daily"], options=["--partition", f"2024-01-0{day}"])
        for day in (3, 4)
    ]
    assert [finish(child) for child in children] == [0, 0]
    assert ids(daily, "silver.daily") == ids(daily, "bronze.orders", 3, 4)
