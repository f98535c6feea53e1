"""A full disk, a folder that may not be written, a spill limit: a clear error, and the old version stands."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster_tests.guarantees.disks import PAGE, SmallDisk, layer_on_a_small_disk
from odibi_dagster_tests.guarantees.lake import COLUMNS, ENVIRONMENT, Lake
from odibi_dagster_tests.guarantees.lakes import Lakes
from odibi_dagster_tests.guarantees.processes import finish, run, said, start_run

BIG = 30_000


def fails(lake: Lake, disk: SmallDisk | None = None, **values: Any) -> str:
    """A run that must fail in one table; what it said of it."""
    before = {table: lake.rows(table) for table in COLUMNS}
    code = finish(start_run(lake, prepare=disk.prepare if disk else None, **values))
    assert code == 1, said(lake)
    errors = lake.results()[-1]["errors"]
    assert len(errors) == 1, errors
    assert {table: lake.rows(table) for table in before} == before, "the old versions are intact"
    (error,) = errors.values()
    return str(error)


@pytest.mark.parametrize("layer", ["bronze", "checkpoints"])
def test_a_disk_that_fills_up_while_data_is_written(lake: Lake, layer: str) -> None:
    with layer_on_a_small_disk(lake, layer) as disk:
        lake.land(4, orders=BIG)
        disk.fill(leave=16 * PAGE if layer == "bronze" else 0)
        error = fails(lake, disk, select=["bronze.orders"])
        assert "bronze.orders" in error and lake.url(layer) in error
        assert "full" in error or "no space" in error.lower() or "too large" in error
        assert "Free" in error, "it says what to do"
        disk.free()
        lake.take("orders/0004.csv")
        lake.land(5)
        run(lake, select=["bronze.orders"])
        run(lake, select=["bronze.orders"])
        assert len(lake.rows("bronze.orders")) == 80


@pytest.mark.parametrize("layer", ["bronze", "checkpoints"])
def test_a_limit_of_the_system_is_told_like_a_full_disk(
    lake: Lake, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above where nothing can be mounted: no file may grow."""
    monkeypatch.setattr("odibi_dagster_tests.guarantees.disks._mount", lambda *args: False)
    test_a_disk_that_fills_up_while_data_is_written(lake, layer)


@pytest.mark.parametrize("leave", [0, 1])
def test_a_disk_that_fills_up_around_the_commit(lake: Lake, leave: int) -> None:
    """With room for the staged file and none for the log, or none for either."""
    with layer_on_a_small_disk(lake, "bronze") as disk:
        if not disk.mounted:
            return  # a limit on files cannot leave room for one and not for the next
        disk.fill(leave=leave * PAGE)
        error = fails(lake, disk, select=["bronze.orders"])
        assert "no space" in error.lower() or "disk is full" in error
        assert "Free" in error and lake.url("bronze") in error
        disk.free()
        run(lake)
        assert lake.wrong() == []


def test_a_folder_that_may_not_be_written(lake: Lake) -> None:
    with layer_on_a_small_disk(lake, "silver") as disk:
        disk.read_only()
        error = fails(lake, disk, select=["silver.days"])
        assert "may not be" in error and lake.url("silver") in error
        assert "the right to" in error or "permission" in error
        disk.writable()
        run(lake)
        assert lake.wrong() == []


SMALL = """/*
kind: full
*/
SELECT order_id, ROW_NUMBER() OVER (ORDER BY amount, order_id) AS place FROM bronze.orders
"""
SORTED = """/*
kind: full
*/
SELECT a.order_id, ROW_NUMBER() OVER (ORDER BY a.amount, b.amount, c.amount, d.amount) AS place
FROM bronze.orders AS a CROSS JOIN bronze.orders AS b
CROSS JOIN bronze.orders AS c CROSS JOIN bronze.orders AS d
"""
TIGHT = "engine: {name: pandas, memory_limit: 40MB, threads: 1, spill_limit: 1MB}"


def test_a_folder_of_somebody_else(lakes: Lakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above where nothing can be mounted: the permission bits refuse."""
    monkeypatch.setattr("odibi_dagster_tests.guarantees.disks._mount", lambda *args: False)
    with (
        tempfile.TemporaryDirectory() as folder
    ):  # pytest's own folders are closed to others, also for reading
        os.chmod(folder, 0o755)
        test_a_folder_that_may_not_be_written(lakes.grown(Path(folder) / "lake"))


def test_a_spill_limit(lake: Lake) -> None:
    """2.5 million rows are sorted with room for some hundred thousand."""
    lake.define("silver/sorted.sql", SMALL)
    run(lake, select=["silver.sorted"])
    before = lake.rows("silver.sorted", "order_id, place")
    lake.define("silver/sorted.sql", SORTED)
    lake.settle(ENVIRONMENT.replace(ENVIRONMENT.split("\n")[1], TIGHT))
    error = fails(lake, select=["silver.sorted"])
    assert "silver.sorted" in error and "the spill limit is reached" in error
    assert "Raise `spill_limit`" in error
    assert lake.rows("silver.sorted", "order_id, place") == before
    lake.define("silver/sorted.sql", SMALL)
    run(lake, select=["silver.sorted"])
