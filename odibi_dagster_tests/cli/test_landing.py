from __future__ import annotations

import json

from odibi_dagster_tests.cli.conftest import Here
from odibi_dagster_tests.cli.shop import Shop


def test_pending_files_and_batches(shop: Shop, here: Here) -> None:
    shop.land("b.csv", "5,north,1.00")
    before = shop.snapshot("lake")
    code, out, _ = here(shop, "landing", "--json")
    (orders,) = json.loads(out)["sources"]
    assert code == 0
    assert orders["pending"] == {"files": 1, "bytes": len("order_id,region,amount\n5,north,1.00\n")}
    assert (orders["next_batch"], orders["open_batch"], orders["stopped"]) == (2, None, None)
    (batch,) = orders["batches"]
    assert (batch["number"], batch["state"], batch["files"]) == (1, "in bronze", 1)
    assert shop.snapshot("lake") == before
    out = here(shop, "landing", "bronze.orders")[1]
    assert "1 file pending, 36 B: batch 2 next" in out and "in bronze" in out


def test_changed_files_are_named(shop: Shop, here: Here) -> None:
    shop.land("a.csv", "1,north,99.00", "2,south,20.50")
    code, out, _ = here(shop, "landing")
    assert code == 0
    assert "1 file changed after they were taken: raw/orders/a.csv" in out and "nothing is pending" in out


def test_a_replaced_ledger_is_told_and_not_raised(shop: Shop, here: Here) -> None:
    import shutil

    shutil.rmtree(shop.lake / "checkpoints")
    code, out, _ = here(shop, "landing", "--json")
    assert code == 0
    assert "ledger" in json.loads(out)["sources"][0]["stopped"]


def test_only_sources_land(made: Shop, here: Here) -> None:
    code, _, err = here(made, "landing", "silver.orders")
    assert code == 1
    assert "Sources: bronze.orders." in err


def test_a_file_that_was_left_out_is_replayed(shop: Shop, here: Here) -> None:
    shop.land("b.csv", "5,north,1.00")
    shop.land("c.csv").write_text("order_nr,region,amount\n6,north,1.00\n")
    assert shop.json("run", "bronze.orders")["success"]
    assert "c.csv is unreadable" in here(shop, "landing")[1]
    assert "Nothing was left out" in here(shop, "landing", "replay", "bronze.orders", "--file", "**/b.csv")[1]
    for said in ("the next batch takes it again", "is pending already"):
        code, out, _ = here(shop, "landing", "replay", "bronze.orders", "--batch", "2")
        assert code == 0 and f"raw/orders/c.csv: {said}" in out
    assert "1 file pending" in here(shop, "landing", "bronze.orders")[1]


def test_replay_is_explained_and_refuses_other_tables(made: Shop, here: Here) -> None:
    code, out, _ = here(made, "landing", "replay", "--help")
    assert code == 0 and "--batch" in out and "odibi-dagster landing replay bronze.orders --batch 7" in out
    assert "replay" in here(made, "landing", "--help")[1]
    code, _, err = here(made, "landing", "replay", "silver.orders")
    assert code == 1 and "takes no batches" in err
    assert "Nothing was left out" in here(made, "landing", "replay", "bronze.orders")[1]
