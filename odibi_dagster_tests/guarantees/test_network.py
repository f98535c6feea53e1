"""Whole runs over a bad network: what fails is told and tried again, and nothing is lost or doubled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import finish, run, said, start_run
from odibi_dagster_tests.services.fault import CutAnswer, CutUpload, Fault, Hang, LoseAnswer, Refuse, Seen
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.proxy import Proxy, proxy

FAULTS: list[Fault] = [
    Refuse(500),
    Refuse(503, retry_after=1),
    Refuse(429),
    CutUpload(10),
    CutAnswer(10),
    LoseAnswer(),
    LoseAnswer(503),
    Hang(0.2),
]


def upset(network: Proxy, dice: random.Random) -> None:
    """From now on, of a hundred requests some four go wrong, each in a way of its own."""

    def unlucky(seen: Seen) -> bool:
        return dice.random() < 0.005

    for fault in FAULTS:
        network.on(unlucky, fault, times=None)


@pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)
def test_runs_over_a_bad_network(store: Server, never_killed: Lake, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    lake = Lake.create(tmp_path / "lake", store)
    with proxy(store) as network:
        lake.settle(through=network.before(store))
        upset(network, random.Random(seed))
        lake.land(1)
        lake.land(2)
        codes = [finish(start_run(lake))]
        lake.land(3)
        codes.append(finish(start_run(lake)))
        hits = sum(rule.hits for rule in network.rules)
        network.calm()
        run(lake)
    assert set(codes) <= {0, 1} and hits > 5, (codes, hits)
    assert lake.wrong() == [], said(lake)
    for table in ("bronze.orders", "silver.orders", "silver.days", "gold.customers"):
        columns = "order_id, customer_id, amount, order_date, _file" if table == "bronze.orders" else None
        assert lake.rows(table, columns) == never_killed.rows(table, columns)
