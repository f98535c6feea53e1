"""A batch that fails for ever is given up, loudly, and later ones go on; and what was tampered with stops."""

from __future__ import annotations

import shutil

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.points import LEDGER, Point
from odibi_dagster_tests.guarantees.processes import finish, killed, run, said, start_run

ONE = ["bronze.orders"]
BROKEN = "order_id,customer_id,amount,order_date\n,1,1.00,2024-01-01\n"


def fails(lake: Lake) -> str:
    assert finish(start_run(lake, select=ONE)) == 1, said(lake)
    return str(lake.results()[-1]["errors"]["bronze__orders"])


def test_a_batch_that_never_passes_is_parked_after_three_attempts(lake: Lake) -> None:
    """Killed between the ledger's word that it is parked and the empty commit: the next run brings it."""
    lake.put("orders/bad-0004.csv", BROKEN)
    before = lake.rows("bronze.orders")
    for _ in range(2):
        assert "order_id_is_known" in fails(lake)
    killed(lake, point=Point(LEDGER, "append", "after", "bronze.orders", nth=2), select=ONE)
    assert lake.rows("bronze.orders") == before
    lake.land(5)
    said = run(lake, select=ONE)
    assert ["bronze/orders", "landed_files_are_readable", False] in said["checks"]
    assert lake.rows("bronze.orders") == before, "the parked batch brings nothing"
    run(lake, select=ONE)
    assert {batch for (batch,) in lake.rows("bronze.orders", "_batch")} == {1, 3}
    files = {file for (file,) in lake.rows("bronze.orders", "_file")}
    assert "raw/orders/0005.csv" in files and "raw/orders/0003.csv" not in files


def test_a_ledger_or_a_table_that_was_replaced_stops_the_run(lake: Lake) -> None:
    ledger = lake.root / "lake" / "checkpoints" / "ledger" / "bronze.orders"
    old = lake.root / "old-ledger"
    shutil.copytree(ledger, old)
    old_table = lake.root / "old-table"
    shutil.copytree(lake.url("bronze.orders"), old_table)
    run(lake, select=ONE)
    lake.land(4)
    run(lake, select=ONE)
    before = lake.rows("bronze.orders")
    for what, put in (("gone", None), ("an older copy", old)):
        kept = lake.root / "kept"
        ledger.rename(kept)
        if put:
            shutil.copytree(put, ledger)
        error = fails(lake)
        assert "ledger" in error and "Put" in error, what
        assert lake.rows("bronze.orders") == before
        shutil.rmtree(ledger, ignore_errors=True)
        kept.rename(ledger)
    newest = lake.root / "newest"
    shutil.move(lake.url("bronze.orders"), newest)
    shutil.copytree(old_table, lake.url("bronze.orders"))
    assert "The ledger is at batch 3, the table at batch 1" in fails(lake)
    shutil.rmtree(lake.url("bronze.orders"))
    assert "the table at batch 0" in fails(lake)
    shutil.move(newest, lake.url("bronze.orders"))
    run(lake, select=ONE)
    assert lake.rows("bronze.orders") == before
