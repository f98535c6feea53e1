"""Old results never replace newer ones: whoever is overtaken computes again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import run


def overtaken() -> None:
    """In the child: another run of everything comes and goes before the first publish of silver.orders."""
    from odibi_dagster.lake import io_manager

    real = io_manager.publish

    def publish(write: Any) -> Any:
        if write.table == "silver.orders":
            io_manager.publish = real  # type: ignore[attr-defined]
            lake = Lake(Path(os.environ["ODIBI_LAKE"]).parent)
            lake.land(4)
            command = ["dagster", "asset", "materialize", "-m", "odibi_dagster.definitions", "--select", "*"]
            subprocess.run([sys.executable, "-m", *command], check=True)
        return real(write)

    io_manager.publish = publish  # type: ignore[attr-defined]


def unguarded() -> None:
    """The same, and nobody compares the versions that were read."""
    from odibi_dagster.lake import publish

    publish._refuse_superseded = lambda write, log: None  # type: ignore[attr-defined]
    overtaken()


def test_a_run_that_is_overtaken_computes_again(lake: Lake) -> None:
    said = run(lake, prepare=overtaken)
    assert said["made"].count("silver/orders") == 1
    assert lake.wrong() == []


def test_without_the_guard_the_newer_rows_are_gone(lake: Lake) -> None:
    run(lake, prepare=unguarded, select=["bronze.orders", "silver.orders"])
    assert lake.wrong() == ["silver.orders is not bronze.orders without dropped rows"]
