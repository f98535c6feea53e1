"""A small project in a temporary folder: tables, lake, Dagster home, and the real command on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

TABLES = {
    "bronze/orders.yaml": """
from: landing
path: raw/orders/*.csv
format: csv
kind: append
schema: {order_id: bigint, region: string, amount: "decimal(10,2)"}
description: Orders as they landed. Nothing is changed.
""",
    "bronze/regions.py": '''
"""
description: The regions.
columns: {region: {type: string}, label: {type: string}}
"""
import pandas as pd


def regions() -> pd.DataFrame:
    return pd.DataFrame({"region": ["north", "south"], "label": ["North", "South"]})
''',
    "silver/orders.sql": """/*
description: Orders with an amount.
columns: {amount: {type: "decimal(10,2)", unit: EUR}}
expect:
  amount_is_positive: {sql: amount > 0, on_fail: drop}
  order_id_is_unique: {unique: [order_id], on_fail: fail}
  region_is_known: {references: {region: bronze.regions.region}, on_fail: warn}
*/
SELECT order_id, region, amount FROM bronze.orders
""",
    "silver/by_region.sql": """/*
kind: partition
partition_by: [region]
partitions: {static: [east, north, south], column: region}
*/
SELECT region, order_id, amount FROM bronze.orders WHERE region = :partition_key
""",
    "gold/totals.sql": """
SELECT region, COUNT(*) AS orders, SUM(amount) AS total FROM silver.orders GROUP BY region
""",
    "gold/region_sizes.sql": """
SELECT region, COUNT(*) AS orders FROM silver.by_region GROUP BY region
""",
}


@dataclass(frozen=True)
class Shop:
    """Everything below one folder; `env` is an environment file in it, else `local`."""

    root: Path
    env: str | None = None

    @property
    def tables(self) -> Path:
        return self.root / "tables"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def environment(self) -> dict[str, str]:
        """The process variables that make the command work on this shop."""
        mine = {"ODIBI_LAKE": self.lake, "ODIBI_TABLES": self.tables, "DAGSTER_HOME": self.home}
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("ODIBI_", "DAGSTER_"))
        }
        named = {"ODIBI_ENV": str(self.root / self.env)} if self.env else {}
        return clean | {key: str(value) for key, value in mine.items()} | named

    def with_environment(self, file: str) -> Shop:
        return Shop(self.root, file)

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.tables / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def land(self, name: str, *rows: str) -> Path:
        file = self.lake / "landing" / "raw" / "orders" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(["order_id,region,amount", *rows]) + "\n")
        return file

    def copy(self, to: Path) -> Shop:
        shutil.copytree(self.root, to)
        return Shop(to)

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "odibi_dagster.cli.main", *args]

    def cli(
        self, *args: str, code: int | None = 0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command in a process of its own and sees that it ends with this exit code."""
        done = subprocess.run(
            self.command(*args),
            cwd=cwd or self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert code is None or done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    def json(self, *args: str, code: int = 0) -> Any:
        """What a command prints with --json: its stdout must be exactly one document."""
        return json.loads(self.cli(*args, "--json", code=code).stdout)

    def snapshot(self, *folders: str) -> dict[str, tuple[int, int]]:
        """Every file and folder below these folders of the shop, with size and time of change."""
        found = {}
        for folder in folders:
            for path in (self.root / folder).rglob("*"):
                seen = path.stat()
                found[str(path)] = (seen.st_size if path.is_file() else 0, seen.st_mtime_ns)
        return found


def new_shop(root: Path) -> Shop:
    """A shop with a first landed file; nothing has run."""
    shop = Shop(root)
    shop.write(TABLES)
    shop.land("a.csv", "1,north,10.00", "2,south,20.50", "3,north,-1.00", "4,west,5.25")
    return shop
