"""A batch that fails for ever is given up, loudly, and later ones go on; and what was tampered with stops."""

from __future__ import annotations

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import on_stores
from odibi_dagster_tests.guarantees.points import LEDGER, Point
from odibi_dagster_tests.guarantees.processes import finish, killed, run, said, start_run
from odibi_dagster_tests.lake.table import rows

ONE = ["bronze.orders"]
BROKEN = "order_id,customer_id,amount,order_date\n,1,1.00,2024-01-01\n"


def fails(lake: Lake) -> str:
    assert finish(start_run(lake, select=ONE)) == 1, said(lake)
    return str(lake.results()[-1]["errors"]["bronze__orders"])


@on_stores(["local", "seaweedfs"])
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


@on_stores(["local", "seaweedfs"])
def test_a_file_with_other_columns_holds_up_no_other(lake: Lake) -> None:
    """Killed behind the ledger's note of it: the next run brings the others, once, and says so again."""
    lake.put("orders/0004.csv", "order_id,client_id,amount,order_date\n4000,1,1.00,2024-01-01\n")
    killed(lake, point=Point(LEDGER, "append", "after", "bronze.orders", nth=2), select=ONE)
    told = run(lake, select=ONE)
    assert ["bronze/orders", "landed_files_are_readable", False] in told["checks"]
    files = {file for (file,) in lake.rows("bronze.orders", "_file")}
    assert files == {f"raw/orders/000{number}.csv" for number in (1, 2, 3)}
    notes = rows(lake.table("checkpoints.ledger") / "bronze.orders", "state, path, reason")
    ((state, reason),) = [(s, r) for s, path, r in notes if path.endswith("0004.csv") and s != "opened"]
    assert state == "unreadable" and "column 'client_id' is unknown" in reason
    lake.land(4)
    run(lake, select=ONE)
    assert len(lake.rows("bronze.orders")) == 80, "mended, it is new"


@on_stores(["local", "azurite"])
def test_a_ledger_or_a_table_that_was_replaced_stops_the_run(lake: Lake) -> None:
    ledger, table = lake.place / "checkpoints/ledger/bronze.orders", lake.table("bronze.orders")
    old, old_table = lake.place / "old-ledger", lake.place / "old-table"
    ledger.copy(old)
    table.copy(old_table)
    run(lake, select=ONE)
    lake.land(4)
    run(lake, select=ONE)
    before = lake.rows("bronze.orders")
    kept = lake.place / "kept"
    ledger.copy(kept)
    for what, put in (("gone", None), ("an older copy", old)):
        ledger.remove()
        if put:
            put.copy(ledger)
        error = fails(lake)
        assert "ledger" in error and "Put" in error, what
        assert lake.rows("bronze.orders") == before
    ledger.remove()
    kept.copy(ledger)
    newest = lake.place / "newest"
    table.copy(newest)
    table.remove()
    old_table.copy(table)
    assert "The ledger is at batch 3, the table at batch 1" in fails(lake)
    table.remove()
    assert "the table at batch 0" in fails(lake)
    newest.copy(table)
    run(lake, select=ONE)
    assert lake.rows("bronze.orders") == before
