"""Many transfers at once: all are done, or the first failure is told and no further one begins."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml

import odibi_dagster
from odibi_dagster.storage import transfer as module
from odibi_dagster.storage.transfer import Job, size, transfer


def test_all_are_done_and_several_at_once() -> None:
    together, done = threading.Barrier(4, timeout=10), list[int]()

    def run(number: int) -> None:
        together.wait()
        done.append(number)

    transfer([Job(lambda n=number: run(n), 1) for number in range(8)], "testing", at_once=4)  # type: ignore[misc]
    assert sorted(done) == list(range(8))


def test_after_a_failure_nothing_begins() -> None:
    begun = list[int]()

    def run(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise FileNotFoundError("the second")
        time.sleep(0.2)

    with pytest.raises(FileNotFoundError, match="the second"):
        transfer([Job(lambda n=number: run(n), 1) for number in range(50)], "testing", at_once=2)  # type: ignore[misc]
    count = len(begun)
    assert count < 10
    time.sleep(0.3)
    assert len(begun) == count


def test_a_long_transfer_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    jobs = [Job(lambda: time.sleep(0.3), 3_000_000, lambda: 1_000_000), Job(lambda: None, 500_000)]
    with caplog.at_level(logging.INFO, "odibi_dagster"):
        transfer(jobs, "fetching silver.orders")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("fetching silver.orders: 1.5 MB of 3.5 MB, ") and lines[0].endswith("MB/s")
    assert lines[-1].startswith("fetching silver.orders: done, 3.5 MB in 0 s, ")
    caplog.clear()
    transfer([Job(lambda: None, 3_000_000)], "fetching silver.orders")
    assert caplog.records == []


def test_sizes_are_for_people() -> None:
    assert [size(n) for n in (0, 999, 1000, 128_000_000, 2.5e9, 7e12)] == [
        "0 B", "999 B", "1.0 kB", "128.0 MB", "2.5 GB", "7.0 TB",
    ]  # fmt: skip


def test_a_run_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    settings = yaml.safe_load((Path(odibi_dagster.__file__).parent / "dagster.yaml").read_text())

    @dg.asset
    def fetched() -> None:
        transfer([Job(lambda: time.sleep(0.3), 3_000_000)], "fetching silver.orders")

    with dg.instance_for_test(overrides={"python_logs": settings["python_logs"]}) as instance:
        result = dg.materialize([fetched], instance=instance)
        told = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any(line.startswith("fetching silver.orders: done, 3.0 MB") for line in told)
