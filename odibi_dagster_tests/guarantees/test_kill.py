"""A process is killed at each point of its way; the same command again, and nothing is lost or doubled."""

from __future__ import annotations

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.points import LANDING_POINTS, Point, points
from odibi_dagster_tests.guarantees.processes import killed, run

POINTS = [
    *LANDING_POINTS,
    *points("bronze.orders"),
    *(p for t in ("silver.orders", "silver.states", "silver.days") for p in points(t)[4:]),
]


def test_the_lake_that_is_never_killed_is_right(never_killed: Lake) -> None:
    assert never_killed.wrong() == []
    assert len(never_killed.rows("bronze.orders")) == 60
    assert [batch for batch, _, _ in never_killed.rows("silver.states")] == [1, 2]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_run_killed_there_is_made_good_by_the_next(lake: Lake, never_killed: Lake, point: Point) -> None:
    killed(lake, point=point)
    said = run(lake)
    assert lake.tables() == never_killed.tables()
    assert lake.wrong() == []
    dead = [status for run_id, status in said["runs"].items() if status != "SUCCESS"]
    assert dead == ["FAILURE"], "the dead run is marked as failed"
