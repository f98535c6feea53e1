"""The benchmark runs on a small shop: all contenders do the same work, and it is told when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from odibi_dagster_tests.bench import store_table, stores
from odibi_dagster_tests.bench.__main__ import compete
from odibi_dagster_tests.bench.contenders import EMPTY, NAMES, PLAIN, PLATFORM, Bench
from odibi_dagster_tests.bench.same import same_work
from odibi_dagster_tests.bench.table import medians, show


def test_all_contenders_do_the_same_work(tmp_path: Path) -> None:
    console = Console(record=True, width=100)
    bench = Bench(tmp_path, orders=20_000)
    found = medians(compete(bench, 1, list(NAMES), console))
    assert set(found) == set(NAMES)
    assert found[PLATFORM].seconds > found[EMPTY].seconds > 0
    # They cannot be compared here: a child's peak begins with that of this process, which ran other tests.
    assert min(each.peak for each in found.values()) > 10 * 2**20
    show(20_000, 1, found, console)
    assert "x (a + d)" in console.export_text()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["landing-20000"]


def test_work_that_differs_is_told() -> None:
    ours = {"silver.orders": {"rows in all": 10, "amount_is_positive": 1}}
    same_work(ours, {"silver.orders": {"rows in all": 10}}, PLAIN)
    with pytest.raises(RuntimeError, match=r"silver\.orders amount_is_positive: 1 and 2"):
        same_work(ours, {"silver.orders": {"amount_is_positive": 2}}, PLAIN)
    with pytest.raises(RuntimeError, match=r"silver\.orders unique: None and 0"):
        same_work(ours, {"silver.orders": {"unique": 0}}, PLAIN)


def test_stores_are_measured_beside_the_local_disk(tmp_path: Path) -> None:
    console, far = Console(record=True, width=200), ("SeaweedFS", 0.001)
    runs = stores.compete(Bench(tmp_path, orders=2_000), 1, console, [(stores.LOCAL, 0.0), far])
    store_table.show(2_000, 1, runs, console)
    assert " 1   1 file landed" in console.export_text()
    first, again, landed = (runs[*far, what][0].asked for what in stores.RUNS)
    assert first and again and landed
    # What this machine has written is there: landed files, the probe's and the ledger's are fetched.
    assert first.fetched <= 8 + 9 and again.fetched <= 4 + 8 and landed.fetched <= 5 + 17
    assert first.sent > 50 and runs[stores.LOCAL, 0.0, stores.FIRST][0].asked is None
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["landing-2000"]
