"""The pandas engine does without pyarrow, which a user need not have, and never asks for pyspark."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

import odibi_dagster
from odibi_dagster_tests.lakes import Lake

SHIPPED = Path(odibi_dagster.__file__).parent / "defs"
#: Found by every process of a command, its steps' own among them, when it starts.
FINDER = '''
import os, sys, traceback

class Finder:
    """Notes who imports one of these, and that there is no such thing."""

    def find_spec(self, name, path=None, target=None):
        if name in ("pyarrow", "pyspark"):
            stack = traceback.format_stack(sys._getframe(1))
            with open(os.environ["NOTES"], "a") as notes:
                notes.write(name + "\\0" + "".join(stack) + "\\0")
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, Finder())
with open(os.environ["NOTES"] + ".started", "a") as notes:
    notes.write(f"{os.getpid()}\\n")
'''


FUNCTION = '''"""
description: Orders a customer, counted by pandas.
columns: {customer_id: {type: bigint}, orders: {type: bigint}}
"""
import pandas as pd


def orders_each(silver_orders: pd.DataFrame) -> pd.DataFrame:
    return silver_orders.groupby("customer_id").size().reset_index(name="orders")
'''


@pytest.mark.parametrize("executor", ["in_process", "multiprocess"])
def test_the_pandas_engine_does_without_pyarrow_and_never_asks_for_pyspark(
    tmp_path: Path, executor: str
) -> None:
    (tmp_path / "found").mkdir()
    (tmp_path / "found" / "sitecustomize.py").write_text(FINDER)
    (tmp_path / "own.yaml").write_text(f"extends: local\nexecutor: {{kind: {executor}}}\n")
    notes = tmp_path / "notes"
    variables = {"PYTHONPATH": "found", "NOTES": str(notes), "ODIBI_ENV": "own.yaml"}
    lake = Lake(tmp_path, variables=variables)
    lake.run("odibi-dagster", "demo", "--orders", "500")
    tables = shutil.copytree(SHIPPED, tmp_path / "tables")
    (tables / "gold" / "orders_each.py").write_text(FUNCTION)
    lake.run("odibi-dagster", "run", "gold.orders_each", "--tables", str(tables))
    text = "SELECT SUM(orders) AS n FROM gold.orders_each"
    told = lake.run("odibi-dagster", "query", text, "--tables", str(tables), "--format", "csv")
    assert int(next(csv.DictReader(io.StringIO(told.stdout)))["n"]) > 0

    started = set(Path(f"{notes}.started").read_text().split())
    assert (len(started) > 12) is (executor == "multiprocess"), "each step has a process, or none its own"
    # Libraries may look whether there is a pyarrow; they all have done without.
    asked = notes.read_text().split("\0")[:-1] if notes.exists() else []
    spark = [stack for name, stack in zip(asked[::2], asked[1::2], strict=True) if name == "pyspark"]
    assert not spark, spark[0]
