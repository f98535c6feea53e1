"""The kill tests can see it: with a guard taken out, rows are doubled or lost."""

from __future__ import annotations

from odibi_dagster_tests.guarantees import unguarded
from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import on_stores
from odibi_dagster_tests.guarantees.points import LANDING_POINTS, PUBLISH, Point
from odibi_dagster_tests.guarantees.processes import killed, run

SMALL = ["bronze.orders", "silver.states"]


@on_stores()
def test_without_identities_in_commits_a_landed_batch_is_doubled(new_lake: Lake) -> None:
    point = Point(PUBLISH, "send", "after", "bronze.orders")
    killed(new_lake, point=point, prepare=unguarded.no_identity, select=["bronze.orders"])
    run(new_lake, select=["bronze.orders"])
    have = [id for (id,) in new_lake.rows("bronze.orders", "order_id")]
    assert len(have) == 2 * len(set(have)) == 80


@on_stores()
def test_without_recognition_an_append_is_doubled(lake: Lake) -> None:
    killed(lake, point=Point(PUBLISH, "send", "after", "silver.states"), select=SMALL)
    run(lake, prepare=unguarded.no_recognition, select=["silver.states"])
    assert [batch for batch, _, _ in lake.rows("silver.states")] == [1, 2, 2]


@on_stores()
def test_without_replay_a_batch_is_lost(lake: Lake) -> None:
    killed(lake, point=LANDING_POINTS[1], select=["bronze.orders"])
    lake.land(4)
    run(lake, prepare=unguarded.no_replay, select=["bronze.orders"])
    have = {str(id) for (id,) in lake.rows("bronze.orders", "order_id")}
    lost = set(lake.landed()) - have
    assert lost == {str(3000 + place) for place in range(20)}


def test_without_the_sweep_a_killed_run_is_started_for_ever(lake: Lake) -> None:
    killed(lake, point=LANDING_POINTS[0], select=["bronze.orders"])
    said = run(lake, prepare=unguarded.no_sweep, select=["bronze.orders"])
    assert sorted(said["runs"].values()) == ["STARTED", "SUCCESS", "SUCCESS"]
    said = run(lake, select=["bronze.orders"])
    assert sorted(said["runs"].values()) == ["FAILURE", "SUCCESS", "SUCCESS", "SUCCESS"]
