"""A small lake with a project of its own: a landing source, and a table of each kind that reads it."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from odibi_dagster_tests.lake.table import rows
from odibi_dagster_tests.services.place import LocalDisk, Place, Server

PANDAS = "engine: {name: pandas, memory_limit: 300MB, threads: 1}"
ENVIRONMENT = f"""
{PANDAS}
layers:
  landing: ${{ODIBI_LAKE}}/landing
  bronze: ${{ODIBI_LAKE}}/bronze
  silver: ${{ODIBI_LAKE}}/silver
  gold: ${{ODIBI_LAKE}}/gold
  checkpoints: ${{ODIBI_LAKE}}/checkpoints
retry: {{max_retries: 2, delay: 0s}}
sensors: {{enabled: false}}
settle: 0s
"""
TABLES = {
    "bronze/orders.yaml": """
from: landing
path: raw/orders/*.csv
format: csv
schema: {order_id: bigint, customer_id: bigint, amount: "decimal(10,2)", order_date: date}
expect:
  order_id_is_known: {not_null: [order_id], on_fail: fail}
""",
    "bronze/customers.yaml": """
from: landing
path: raw/customers/*.csv
format: csv
kind: full
schema: {customer_id: bigint, name: string}
""",
    "silver/orders.sql": """/*
kind: full
expect:
  amount_is_positive: {sql: amount > 0, on_fail: drop}
  order_id_is_unique: {unique: [order_id], on_fail: fail}
*/
SELECT order_id, customer_id, amount, order_date, CURRENT_TIMESTAMP() AS processed_at FROM bronze.orders
""",
    "silver/states.sql": """/*
description: One row for each state of bronze.orders that was ever seen.
kind: append
*/
SELECT MAX(_batch) AS batch, COUNT(*) AS orders, SUM(amount) AS amount FROM bronze.orders
""",
    "silver/days.sql": """/*
kind: partition
partition_by: [order_date]
*/
SELECT order_date, customer_id, COUNT(*) AS orders, SUM(amount) AS amount
FROM bronze.orders GROUP BY order_date, customer_id
""",
    "gold/customers.sql": """
SELECT c.customer_id, c.name, COUNT(*) AS orders, SUM(o.amount) AS amount
FROM bronze.customers AS c JOIN silver.orders AS o ON c.customer_id = o.customer_id
GROUP BY c.customer_id, c.name
""",
}
#: What is compared of each table: all but instants.
COLUMNS = {
    "bronze.orders": "order_id, customer_id, amount, order_date, _file, _batch",
    "bronze.customers": "customer_id, name, _file",
    "silver.orders": "order_id, customer_id, amount, order_date",
    "silver.states": "batch, orders, amount",
    "silver.days": "order_date, customer_id, orders, amount",
    "gold.customers": "customer_id, name, orders, amount",
}
CUSTOMERS = 5


@dataclass(frozen=True)
class Lake:
    """One folder with definitions and Dagster's home; the layers below it, or on another store.

    Args:
        root: the folder.
        remote: what is above the layers on another store.
        spark: who computes, in the environment file's words; None is the pandas engine.
    """

    root: Path
    remote: Place | None = None
    spark: Mapping[str, Any] | None = None

    @classmethod
    def create(cls, root: Path, server: Server | None = None) -> Lake:
        from odibi_dagster.home import ensure_home

        lake = cls(root, Place(server, server.url()) if server else None)
        root.mkdir(parents=True, exist_ok=True)
        lake.settle()
        for name, text in TABLES.items():
            lake.define(name, text)
        ensure_home(root / "home")
        lake.land_customers()
        return lake

    @classmethod
    def mine(cls) -> Lake:
        """The lake of the run that this process makes."""
        return pickle.loads(Path(os.environ["ODIBI_TESTS_ROOT"], "lake.pickle").read_bytes())  # type: ignore[no-any-return]

    def settle(self, environment: str = ENVIRONMENT, through: Server | None = None) -> None:
        """Writes the environment file: how the lake is reached is all that it adds."""
        if self.spark:
            environment = environment.replace(
                PANDAS, yaml.safe_dump({"engine": "spark", "spark": dict(self.spark)})
            )
        if self.remote:
            section = (through or self.remote.server).store_section()
            environment += yaml.safe_dump({"stores": [section]})
        self.environment.write_text(environment)
        (self.root / "lake.pickle").write_bytes(pickle.dumps(self))

    def on_spark(self, **spark: Any) -> Lake:
        """The same lake, and from now on Spark computes: the environment file's section `spark:`."""
        lake = replace(self, spark=spark)
        lake.settle()
        return lake

    def on_pandas(self) -> Lake:
        """The same lake, and from now on the pandas engine computes."""
        return replace(self, spark=None)

    @property
    def environment(self) -> Path:
        """The environment file: each engine has its own."""
        return self.root / ("spark.yaml" if self.spark else "environment.yaml")

    def copy(self, root: Path) -> Lake:
        """The same lake elsewhere; landed files keep what they are known by: their age, on S3 their etag."""
        shutil.copytree(self.root, root)
        server = self.remote.server if self.remote else None
        lake = Lake(root, Place(server, server.url()) if server else None)
        lake.settle((root / "environment.yaml").read_text().partition("stores:")[0])
        if self.remote:
            self.remote.copy(lake.place)
        return lake

    @property
    def place(self) -> Place:
        """What is above the layers."""
        here = str(self.root / "lake")
        return self.remote or Place(LocalDisk(here), here)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DAGSTER_HOME": str(self.root / "home"),
            "ODIBI_LAKE": self.place.url,
            "ODIBI_ENV": str(self.environment),
            "ODIBI_TABLES": str(self.root / "defs"),
            "ODIBI_TESTS_ROOT": str(self.root),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }

    def define(self, name: str, text: str) -> None:
        file = self.root / "defs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def land(self, number: int, orders: int = 20) -> None:
        """One file of orders; the same number gives the same rows."""
        dice = random.Random(number)
        lines = ["order_id,customer_id,amount,order_date"]
        for place in range(orders):
            amount = f"{dice.randint(-100, 9999)}.{dice.randint(0, 99):02}"
            day = "" if dice.random() < 0.1 else f"2024-01-{dice.randint(1, 9):02}"
            lines.append(f"{number * 1000 + place},{dice.randrange(CUSTOMERS)},{amount},{day}")
        self.put(f"orders/{number:04}.csv", "\n".join(lines) + "\n")

    def land_customers(self) -> None:
        lines = [f"{number},Customer {number}" for number in range(CUSTOMERS)]
        self.put("customers/all.csv", "\n".join(["customer_id,name", *lines]) + "\n")

    def put(self, name: str, text: str) -> None:
        """A landed file that appears whole, as a careful producer writes it."""
        (self.place / "landing/raw").write(name, text)

    def take(self, name: str) -> None:
        """Removes a landed file."""
        (self.place / "landing/raw").delete(name)

    def table(self, name: str) -> Place:
        return self.place / name.replace(".", "/")

    def url(self, table: str) -> str:
        return self.table(table).url

    def rows(self, table: str, columns: str | None = None) -> list[tuple[Any, ...]]:
        return rows(self.table(table), columns or COLUMNS[table])

    def tables(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """All rows of all tables, read without the platform."""
        return {table: self.rows(table) for table in COLUMNS}

    def landed(self) -> Counter[str]:
        """The order ids in the landed files that can be read, counted."""
        found: Counter[str] = Counter()
        landing = self.place / "landing/raw"
        for path in landing.paths("orders"):
            if path.removeprefix("orders/")[0].isdigit():
                lines = csv.DictReader(io.StringIO(landing.read(path).decode()))
                found.update(row["order_id"] for row in lines)
        return found

    def wrong(self) -> list[str]:
        """What does not hold, whatever happened before: landed files in bronze once, and the rest follows."""
        problems = []
        bronze = self.rows("bronze.orders", "order_id, customer_id, amount, order_date, _batch")
        have = Counter(str(row[0]) for row in bronze)
        for what, ids in (("lost", self.landed() - have), ("doubled or foreign", have - self.landed())):
            if ids:
                problems.append(f"bronze.orders: {ids.total()} rows {what}, such as {min(ids)}")
        kept = Counter(row[:4] for row in bronze if row[2] > 0)
        if kept != Counter(self.rows("silver.orders")):
            problems.append("silver.orders is not bronze.orders without dropped rows")
        days: Counter[tuple[Any, ...]] = Counter()
        sums: dict[tuple[Any, ...], Any] = {}
        for _, customer, amount, day, _ in bronze:
            days[day, customer] += 1
            sums[day, customer] = sums.get((day, customer), 0) + amount
        if Counter((*key, count, sums[key]) for key, count in days.items()) != Counter(
            self.rows("silver.days")
        ):
            problems.append("silver.days is not what bronze.orders gives")
        states = self.rows("silver.states")
        expected = [self._state(bronze, batch) for batch, _, _ in states]
        if len({batch for batch, _, _ in states}) != len(states) or states != expected:
            problems.append(f"silver.states: {states}, expected {expected}")
        if not states or max(batch for batch, _, _ in states) != max(row[4] for row in bronze):
            problems.append("silver.states lacks the newest state")
        return problems

    def _state(self, bronze: list[tuple[Any, ...]], batch: int) -> tuple[Any, ...]:
        amounts = [row[2] for row in bronze if row[4] <= batch]
        return batch, len(amounts), sum(amounts)

    def results(self) -> list[dict[str, Any]]:
        """What the children that ended by themselves said, oldest first."""
        files = sorted((self.root / "results").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(path.read_text()) for path in files]
