"""Old results never replace newer ones: whoever is overtaken computes again."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.lakes import on_stores
from odibi_dagster_tests.guarantees.processes import run


def overtaken() -> None:
    """In the child: another run of everything comes and goes before the first publish of silver.orders."""
    from odibi_dagster.lake import io_manager

    real = io_manager.publish

    def publish(write: Any) -> Any:
        if write.table == "silver.orders":
            io_manager.publish = real  # type: ignore[attr-defined]
            lake = Lake.mine()
            lake.land(4)
            command = ["dagster", "asset", "materialize", "-m", "odibi_dagster.definitions", "--select", "*"]
            subprocess.run([sys.executable, "-m", *command], check=True)
        return real(write)

    io_manager.publish = publish  # type: ignore[attr-defined]


def unguarded() -> None:
    """The same, and nobody compares the versions that were read."""
    from odibi_dagster.lake import publish

    publish.refuse_superseded = lambda write, log: None  # type: ignore[attr-defined]
    overtaken()


@on_stores()
def test_a_run_that_is_overtaken_computes_again(lake: Lake) -> None:
    said = run(lake, prepare=overtaken)
    assert said["made"].count("silver/orders") == 1
    assert lake.wrong() == []


def listed_late() -> None:
    """In the child: after the source was listed, another run of it comes and goes, with a new file."""
    from odibi_dagster.assets import whole_step

    real = whole_step.whole

    def whole(*args: Any) -> Any:
        whole_step.whole = real  # type: ignore[attr-defined]
        found = real(*args)
        lake = Lake.mine()
        lake.put("customers/late.csv", "customer_id,name\n99,Late\n")
        command = ["-m", "odibi_dagster.definitions", "--select", "key:bronze/customers"]
        subprocess.run([sys.executable, "-m", "dagster", "asset", "materialize", *command], check=True)
        return found

    whole_step.whole = whole  # type: ignore[attr-defined]


@on_stores(["local", "seaweedfs"])
def test_a_source_that_was_listed_too_early_is_listed_again(lake: Lake) -> None:
    run(lake, prepare=listed_late, select=["bronze.customers"])
    assert (99, "Late") in lake.rows("bronze.customers", "customer_id, name")


def test_without_the_guard_the_newer_rows_are_gone(lake: Lake) -> None:
    run(lake, prepare=unguarded, select=["bronze.orders", "silver.orders"])
    assert lake.wrong() == ["silver.orders is not bronze.orders without dropped rows"]
