"""Landed files of a remote store: each is asked for once, and one that changes meanwhile is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.storage.objects import Objects
from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import run
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.proxy import proxy


@pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)
def test_a_landed_file_is_one_request(store: Server, tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake", store)
    with proxy(store) as network:
        lake.settle(through=network.before(store))
        lake.land(1)
        lake.land(2)
        run(lake, select=["bronze.orders", "bronze.customers"])
        asked = [(seen.method, seen.path) for seen in network.seen if seen.path.endswith(".csv")]
    assert sorted((method, path.rpartition("/")[2]) for method, path in asked) == [
        ("GET", "0001.csv"),
        ("GET", "0002.csv"),
        ("GET", "all.csv"),
    ]


@pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)
def test_a_batch_opens_its_tables_log_once(store: Server, tmp_path: Path) -> None:
    """The look for the batch that is due is what the schema, and the publish, are taken from."""
    lake = Lake.create(tmp_path / "lake", store)
    lake.land(1)
    run(lake, select=["bronze.orders"])
    with proxy(store) as network:
        lake.settle(through=network.before(store))
        lake.land(2)
        network.seen.clear()
        run(lake, select=["bronze.orders"])
        asked = [
            f"{seen.method} {seen.path.rpartition('lake-')[2][8:]}"
            for seen in network.seen
            if "/bronze/orders" in seen.target
        ]
    assert len([path for path in asked if path.endswith("_last_checkpoint")]) == 1, asked


@pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)
@pytest.mark.parametrize("what", ["replaced", "removed"])
def test_a_file_that_changes_before_it_is_read_is_left_out(store: Server, tmp_path: Path, what: str) -> None:
    lake = Lake.create(tmp_path / "lake", store)
    for number in (1, 2, 3):
        lake.land(number)
    run(lake, select=["bronze.orders"], prepare={"replaced": replaced, "removed": removed}[what])
    files = {name for (name,) in lake.rows("bronze.orders", "_file")}
    assert files == {"raw/orders/0001.csv", "raw/orders/0003.csv"}


def replaced() -> None:
    def act(lake: Lake) -> None:
        text = (lake.place / "landing/raw").read("orders/0002.csv").decode()
        lake.put("orders/0002.csv", text.replace("2024", "2023"))  # of the same size

    _before_it_is_fetched(act)


def removed() -> None:
    _before_it_is_fetched(lambda lake: lake.take("orders/0002.csv"))


def _before_it_is_fetched(act: object) -> None:
    real, done = Objects.fetch, list[str]()

    def fetch(objects: Objects, path: str, target: str, if_match: str | None = None) -> None:
        if path.endswith("0002.csv") and not done:
            done.append(path)
            act(Lake.mine())  # type: ignore[operator]
        real(objects, path, target, if_match)

    Objects.fetch = fetch  # type: ignore[method-assign]
