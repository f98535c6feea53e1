from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time

import pytest

from odibi_dagster_tests.cli.conftest import Here
from odibi_dagster_tests.cli.shop import TABLES, Shop

TALKATIVE = """
import pandas as pd


def talk() -> pd.DataFrame:
    print("a word to stdout")
    return pd.DataFrame({"n": [1]})
"""

# Says that it runs, and then takes a minute.
SLOW = """
import os
import time
from pathlib import Path

import pandas as pd


def slow() -> pd.DataFrame:
    if "SLOW" in os.environ:
        Path(os.environ["SLOW"]).touch()
        time.sleep(60)
    return pd.DataFrame({"n": [1]})
"""


def test_a_failing_table_stops_what_reads_it_and_nothing_else(shop: Shop, here: Here) -> None:
    shop.land("b.csv", "1,north,3.00")  # order 1 again
    failed = shop.cli("run", code=1)
    lines = {line.split()[1]: line.split()[0] for line in failed.stdout.splitlines() if len(line.split()) > 1}
    assert lines["bronze.orders"] == lines["silver.by_region"] == lines["gold.region_sizes"] == "ok"
    assert (lines["silver.orders"], lines["gold.totals"]) == ("failed", "skipped")
    assert "1 failed, 1 skipped" in failed.stdout
    assert "order_id_is_unique: 2 violations" in failed.stderr
    assert "Traceback" not in failed.stderr and "\x1b" not in failed.stdout
    assert '"version": 0' in here(shop, "history", "silver.orders", "--json")[1]

    # Mended in the table's file, the run goes on: just with what it has not made.
    shop.write({"silver/orders.sql": TABLES["silver/orders.sql"].replace("on_fail: fail", "on_fail: warn")})
    run_id = re.findall(r"odibi-dagster resume (\S+)", failed.stderr)[-1]
    resumed = shop.json("resume", run_id[:13])
    assert resumed["success"] and resumed["succeeded"] == ["silver.orders", "gold.totals"]
    assert len(json.loads(here(shop, "history", "bronze.orders", "--json")[1])["versions"]) == 2
    assert "nothing to go on with" in shop.cli("resume", resumed["run_ids"][0], code=1).stderr


def test_json_is_one_document_whatever_the_tables_print(shop: Shop) -> None:
    shop.write({"bronze/talk.py": TALKATIVE})
    done = shop.json("run", "bronze.talk", "--tag", "why=test")
    assert done["success"]
    assert done["executed"] == done["succeeded"] == ["bronze.talk"]
    assert done["failed"] == done["skipped"] == [] and done["errors"] == {}
    assert isinstance(done["duration_ms"], int) and len(done["run_ids"]) == 1
    (table,) = done["tables"]
    assert (table["version"], table["rows"], table["added"], table["files"]) == (0, 1, 1, 1)


def test_stale_runs_what_the_plan_says_and_partitions_are_split(shop: Shop) -> None:
    shop.land("b.csv", "5,north,1.00", "6,east,2.00")
    planned = [each["table"] for each in shop.json("plan")["run"]]
    done = shop.json("run", "--stale")
    assert sorted(done["succeeded"]) == sorted(planned)
    assert "bronze.regions" not in done["succeeded"]
    by_region = next(table for table in done["tables"] if table["table"] == "silver.by_region")
    assert (by_region["partitions"], by_region["rows"]) == ("east...south", 5)
    assert done["tables"][-1]["table"] in ("gold.region_sizes", "gold.totals")
    assert len(done["run_ids"]) == 3  # before the partitions, the partitions, behind them


def test_checks_alone(shop: Shop, here: Here) -> None:
    done = shop.json("run", "--checks", "silver.orders")
    checks = {check["name"]: check for check in done["checks"]}
    assert done["success"] and checks["order_id_is_unique"]["passed"]
    assert (checks["region_is_known"]["passed"], checks["region_is_known"]["violations"]) == (False, 1)
    stricter = TABLES["silver/orders.sql"].replace("amount > 0, on_fail: drop", "amount > 9, on_fail: fail")
    shop.write({"silver/orders.sql": stricter})
    failed = shop.cli("run", "--checks", "silver/orders", code=1)
    assert re.search(r"amount_is_positive +failed +1 ", failed.stdout)
    assert '"version": 0' in here(shop, "history", "silver.orders", "--json")[1]
    assert "has no checks" in shop.cli("run", "--checks", "gold.totals", code=1).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_ended_can_be_resumed(shop: Shop, number: signal.Signals) -> None:
    shop.write({"bronze/slow.py": SLOW, "silver/after.sql": "SELECT n FROM bronze.slow"})
    flag = shop.root / "slow-runs"
    process = subprocess.Popen(
        shop.command("run", "bronze.slow+"),
        cwd=shop.root,
        env={**shop.environment, "SLOW": str(flag)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not flag.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        started = time.monotonic()
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=50)
        assert time.monotonic() - started < 30  # not the minute, and no second attempt
    finally:
        process.kill()
        process.wait()
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "The run was canceled." in out and "silver.after" in out
    else:
        err = shop.cli("plan", "bronze.slow").stderr  # the next command finds the dead run
        assert "found dead" in err
    run_id = re.findall(r"odibi-dagster resume (\S+)", err)[-1]
    assert shop.json("resume", run_id)["succeeded"] == ["bronze.slow", "silver.after"]
