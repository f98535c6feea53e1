"""A process is killed at each point of its way; the same command again, and nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from odibi_dagster_tests.guarantees.lake import TABLES, Lake
from odibi_dagster_tests.guarantees.lakes import REMOTE, Lakes, on_stores
from odibi_dagster_tests.guarantees.points import (
    ADOPTION_POINTS,
    LANDING_POINTS,
    LEDGER,
    PUBLISH,
    SPARK,
    UPLOAD_POINTS,
    Point,
    points,
)
from odibi_dagster_tests.guarantees.processes import killed, run
from odibi_dagster_tests.lake.table import rows
from odibi_dagster_tests.services.spark import SMALL

POINTS = [
    *LANDING_POINTS,
    *points("bronze.orders"),
    Point(PUBLISH, "send", "before", "silver.orders"),
    *(Point(PUBLISH, "send", "after", f"silver.{name}") for name in ("orders", "states", "days")),
]


def test_the_lake_that_is_never_killed_is_right(never_killed: Lake) -> None:
    assert never_killed.wrong() == []
    assert len(never_killed.rows("bronze.orders")) == 60
    assert [batch for batch, _, _ in never_killed.rows("silver.states")] == [1, 2]


#: Every point on the local disk; on each other store those where the store itself is between two steps.
REMOTE_POINTS = [
    LANDING_POINTS[1],
    *UPLOAD_POINTS,
    Point(PUBLISH, "send", "before", "bronze.orders"),
    Point(PUBLISH, "send", "after", "bronze.orders"),
    Point(PUBLISH, "send", "after", "silver.states"),
]
PLACES = [("local", point) for point in POINTS]
PLACES += [(store, point) for store in REMOTE for point in REMOTE_POINTS]


@pytest.mark.parametrize(("lakes", "point"), PLACES, indirect=["lakes"], ids=str)
def test_a_run_killed_there_is_made_good_by_the_next(lake: Lake, never_killed: Lake, point: Point) -> None:
    killed(lake, point=point)
    said = run(lake)
    assert lake.tables() == never_killed.tables()
    assert lake.wrong() == []
    one_is_dead(said)


def one_is_dead(said: dict[str, Any]) -> None:
    dead = [status for run_id, status in said["runs"].items() if status != "SUCCESS"]
    assert dead == ["FAILURE"], "the dead run is marked as failed"


COMMITTED = Point(PUBLISH, "send", "after", "bronze.orders")
SPARK_PLACES = [("local-spark", point) for point in [*ADOPTION_POINTS, COMMITTED]]
SPARK_PLACES += [(f"{store}-spark", point) for store in REMOTE for point in (ADOPTION_POINTS[0], COMMITTED)]


@pytest.mark.parametrize(("lakes", "point"), SPARK_PLACES, indirect=["lakes"], ids=str)
def test_a_client_of_spark_killed_there_is_made_good(lake: Lake, never_killed: Lake, point: Point) -> None:
    """Spark's server lives on, with whatever the client had asked of it."""
    before = lake.rows("bronze.orders")
    killed(lake, point=point, select=["bronze.orders"])
    after = lake.rows("bronze.orders")
    assert after == (never_killed.rows("bronze.orders") if point == COMMITTED else before)
    one_is_dead(run(lake, select=["bronze.orders"]))
    assert lake.rows("bronze.orders") == never_killed.rows("bronze.orders")


@on_stores(["local-spark"])
def test_a_client_of_spark_killed_while_rows_are_dropped(lake: Lake) -> None:
    before = lake.rows("silver.orders")
    lake.define("silver/orders.sql", TABLES["silver/orders.sql"].replace("amount > 0", "amount > 5000"))
    killed(lake, point=Point(SPARK, "drop", "after", "silver.orders"), select=["silver.orders"])
    assert lake.rows("silver.orders") == before
    run(lake, select=["silver.orders"])
    assert lake.rows("silver.orders") == [row for row in before if row[2] > 5000]


def test_a_driver_whose_jvm_dies_with_it_is_made_good(
    lakes: Lakes, tmp_path: Path, never_killed: Lake
) -> None:
    """Whoever comes next goes on, whatever the engine."""
    lake = lakes.grown(tmp_path / "lake")
    killed(lake.on_spark(master="local[2]", config=SMALL), point=ADOPTION_POINTS[0], select=["bronze.orders"])
    run(lake.on_pandas(), select=["bronze.orders"])
    assert lake.rows("bronze.orders") == never_killed.rows("bronze.orders")


NEW_POINTS = [
    Point(LEDGER, "create", "after", "bronze.orders"),
    Point(PUBLISH, "send", "after", "bronze.orders"),
    Point(PUBLISH, "send", "after", "silver.states"),
]


NEW_PLACES = [("local", point) for point in NEW_POINTS]
NEW_PLACES += [(store, point) for store in REMOTE for point in NEW_POINTS[:1]]


@pytest.mark.parametrize(("lakes", "point"), NEW_PLACES, indirect=["lakes"], ids=str)
def test_a_first_run_killed_there_is_made_good_by_the_next(new_lake: Lake, point: Point) -> None:
    killed(new_lake, point=point)
    run(new_lake)
    assert new_lake.wrong() == []
    assert [batch for batch, _, _ in new_lake.rows("silver.states")] == [1]


@on_stores(["local", "azurite"])
def test_the_open_batch_is_replayed_as_it_was_and_new_files_wait(lake: Lake) -> None:
    """Between the ledger's batch N and bronze's commit of N: exactly N, then N + 1."""
    killed(lake, point=LANDING_POINTS[1])
    lake.land(4)
    run(lake)
    batches = {(batch, file) for batch, file in lake.rows("bronze.orders", "_batch, _file")}
    assert max(batches) == (2, "raw/orders/0003.csv")
    run(lake)
    assert lake.wrong() == []
    batches = {(batch, file) for batch, file in lake.rows("bronze.orders", "_batch, _file")}
    assert max(batches) == (3, "raw/orders/0004.csv")


NOTED = [("local", "before"), ("local", "after"), *((store, "after") for store in REMOTE)]


@pytest.mark.parametrize(("lakes", "when"), NOTED, indirect=["lakes"])
def test_killed_while_the_ledger_notes_an_unreadable_file(lake: Lake, when: str) -> None:
    """The batch goes on without the file, and says so once."""
    lake.put("orders/0004.csv", 'order_id,customer_id\n"')
    point = Point(LEDGER, "append", when, "bronze.orders", nth=2)
    killed(lake, point=point)
    said = run(lake)
    assert ["bronze/orders", "landed_files_are_readable", False] in said["checks"]
    files = {file for (file,) in lake.rows("bronze.orders", "_file")}
    assert files == {f"raw/orders/000{number}.csv" for number in (1, 2, 3)}
    assert len(lake.rows("bronze.orders")) == 60
    notes = rows(lake.table("checkpoints.ledger") / "bronze.orders", "state, path")
    assert [state for state, path in notes if path == "raw/orders/0004.csv"] == ["opened", "unreadable"]


GROWN = """/*
kind: append
columns: {customers: {type: bigint}}
*/
SELECT MAX(_batch) AS batch, COUNT(*) AS orders, SUM(amount) AS amount,
    COUNT(DISTINCT customer_id) AS customers FROM bronze.orders
"""


@on_stores(["local", "azurite"])
def test_killed_between_the_growth_of_a_table_and_its_publish(lake: Lake) -> None:
    lake.define("silver/states.sql", GROWN)
    killed(lake, point=Point(PUBLISH, "grow", "after", "silver.states"))
    assert [batch for batch, _, _ in lake.rows("silver.states")] == [1]
    run(lake)
    assert lake.wrong() == []
    customers = dict(lake.rows("silver.states", "batch, customers"))
    assert customers == {1: None, 2: 5}


@on_stores(["local", "seaweedfs", "local-spark"])
def test_a_retry_in_the_same_run_reports_the_commit_it_finds(lake: Lake) -> None:
    """The step fails behind its commit and is tried again: no second commit, the same checks."""
    said = run(lake, prepare=fail_behind_the_first_commit)
    assert said["made"].count("bronze/orders") == 1
    assert [check for key, check, passed in said["checks"] if key == "bronze/orders" and passed]
    assert lake.wrong() == []
    assert [batch for batch, _, _ in lake.rows("silver.states")] == [1, 2]


def fail_behind_the_first_commit() -> None:
    """In the child: each table's first publish breaks off after its commit."""
    from odibi_dagster.errors import TransientError
    from odibi_dagster.lake import io_manager

    real, seen = io_manager.publish, set[str]()

    def publish(write: Any) -> Any:
        done = real(write)
        if write.table not in seen:
            seen.add(write.table)
            raise TransientError("the connection broke")
        return done

    io_manager.publish = publish  # type: ignore[attr-defined]


def test_a_run_killed_before_it_began_is_failed_by_a_later_one(lake: Lake) -> None:
    """Created and never begun, a run would hold up the sensor and all automation for ever."""
    killed(
        lake, point=Point("dagster._core.execution.api", "execute_run", "before"), select=["bronze.orders"]
    )
    said = run(lake, select=["bronze.orders"])
    assert sorted(said["runs"].values()) == ["NOT_STARTED", "SUCCESS", "SUCCESS"], "it may be about to begin"
    said = run(lake, prepare=ten_minutes_later, select=["bronze.orders"])
    assert sorted(said["runs"].values()) == ["FAILURE", "SUCCESS", "SUCCESS", "SUCCESS"]


def ten_minutes_later() -> None:
    """In the child: what was created just now counts as old."""
    from odibi_dagster.reliability import dead_runs

    dead_runs._NEVER_BEGAN_SECONDS = 0.0  # type: ignore[attr-defined]
