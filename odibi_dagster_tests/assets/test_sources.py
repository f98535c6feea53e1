"""What Dagster knows of sources: the batch that a table has taken, the version of somebody else's table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from deltalake import write_deltalake

from odibi_dagster.reliability.pins import read
from odibi_dagster_tests.cli.shop import Shop, new_shop

FOREIGN = """
from: delta
url: {url}
kind: full
"""
WHOLE = """
from: landing
path: raw/orders/*.csv
format: csv
kind: full
"""


def test_sources_have_versions(tmp_path: Path) -> None:
    shop, theirs = new_shop(tmp_path / "shop"), tmp_path / "theirs"
    shop.write({"bronze/foreign.yaml": FOREIGN.format(url=theirs), "bronze/whole.yaml": WHOLE})
    write(theirs, 1)
    shop.land("b.csv", "5,north,1.00")
    tables = "key:bronze/orders or key:bronze/whole or key:bronze/foreign"
    assert shop.json("run", tables)["success"]
    with instance(shop) as dagster:
        orders, whole = news(dagster, "landing", "orders"), news(dagster, "landing", "whole")
        assert (orders["files"], orders["batch"], whole["files"]) == (2, 1, 2)
        first = dagster.get_latest_data_version_record(dg.AssetKey(["landing", "orders"]))
        assert first is not None
        assert inputs(dagster) == ({"external.foreign": 0}, {"external.foreign": 0})
    planned = shop.json("plan")["run"]
    assert not {"bronze.orders", "bronze.whole", "bronze.foreign"} & {each["table"] for each in planned}

    write(theirs, 2)
    (why,) = [each["reasons"] for each in shop.json("plan", "bronze.foreign")["run"]]
    assert "its source is newer: version 1, it has read 0" in json.dumps(why)
    assert shop.json("run", tables)["success"]
    with instance(shop) as dagster:
        assert inputs(dagster) == ({"external.foreign": 1}, {"external.foreign": 1})
        again = dagster.get_latest_data_version_record(dg.AssetKey(["landing", "orders"]))
        assert again is not None and again.storage_id == first.storage_id  # nothing has landed


def write(place: Path, number: int) -> None:
    rows = duckdb.sql(f"SELECT {number} AS n").to_arrow_table()
    write_deltalake(str(place), rows, mode="append")


@contextmanager
def instance(shop: Shop) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(shop.home)) as opened:
        yield opened


def news(dagster: dg.DagsterInstance, *key: str) -> dict[str, Any]:
    event = dagster.get_latest_materialization_event(dg.AssetKey(list(key)))
    assert event is not None and event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def inputs(dagster: dg.DagsterInstance) -> tuple[dict[str, int], Any]:
    """What the newest run was pinned to, and what the table's publish says it has read."""
    event = dagster.get_latest_materialization_event(dg.AssetKey(["bronze", "foreign"]))
    assert event is not None
    run = dagster.get_run_by_id(event.run_id)
    assert run is not None
    return read(run.tags), news(dagster, "bronze", "foreign")["inputs"]
