"""Places in the platform's code where a test kills the process. Nothing of this is in the product."""

from __future__ import annotations

import functools
import importlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from odibi_dagster_tests.services.kill import kill_children


@dataclass(frozen=True)
class Point:
    """Before or after the nth call of one function for one table.

    Args:
        owner: "module" or "module:Class".
        name: the function.
        when: "before" or "after".
        table: the table whose call counts; "" counts every call.
        nth: which call.
    """

    owner: str
    name: str
    when: str
    table: str = ""
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.owner.rpartition('.')[2]}.{self.name} {self.table} {self.nth}".strip()

    def install(self, act: Callable[[], None]) -> None:
        """Calls `act` at this point, in this process."""
        module, _, cls = self.owner.partition(":")
        owner: Any = importlib.import_module(module)
        owner = getattr(owner, cls) if cls else owner
        real, calls = getattr(owner, self.name), 0

        @functools.wraps(real)
        def wrapped(*args: Any, **values: Any) -> Any:
            nonlocal calls
            mine = not self.table or self.table in (values.get("table"), *(table_of(arg) for arg in args))
            calls += mine
            hit = mine and calls == self.nth
            if hit and self.when == "before":
                act()
            result = real(*args, **values)
            if hit and self.when == "after":
                act()
            return result

        setattr(owner, self.name, wrapped)


def table_of(argument: object) -> str | None:
    """The table that a function's argument speaks of."""
    for holder in (argument, getattr(argument, "spec", None), getattr(argument, "source", None)):
        found = getattr(holder, "table", None) or getattr(holder, "key", None)
        if isinstance(found, str):
            return found
    key = getattr(argument, "asset_key", None) if type(argument).__name__ == "OutputContext" else None
    return ".".join(key.path) if key is not None else None


def kill() -> None:
    """The end, as a power cut brings it: nothing of this process runs any more, nor a JVM that it started."""
    kill_children()
    os.kill(os.getpid(), signal.SIGKILL)


PUBLISH, LEDGER = "odibi_dagster.lake.publish", "odibi_dagster.landing.ledger:Ledger"
SESSION = "odibi_dagster.engines.pandas.session:PandasSession"
SPARK, STAGE = "odibi_dagster.engines.spark.session:SparkSession", "odibi_dagster.engines.spark.stage"
CHECKS = "odibi_dagster.assets.checks:Checks"
IO_MANAGER = "odibi_dagster.lake.io_manager:LakeIOManager"


def points(table: str) -> list[Point]:
    """The points of one table's way through a run."""
    return [
        Point(SESSION, "stage", "before", table),
        Point(CHECKS, "staged", "after", table),
        Point(PUBLISH, "send", "before", table),
        Point(PUBLISH, "send", "after", table),
        Point(IO_MANAGER, "handle_output", "after", table),
    ]


#: Between the ledger's batch N and bronze's commit of N, and around it.
LANDING_POINTS = [
    Point(LEDGER, "append", "before", "bronze.orders"),
    Point(LEDGER, "append", "after", "bronze.orders"),
]

#: What a step has made goes to another store, and is in no table's log yet.
UPLOAD_POINTS = [
    Point(SESSION, "upload", "before", "bronze.orders"),
    Point(SESSION, "upload", "after", "silver.orders"),
]

#: Spark's own write is done and its log names the files; they are read out of it; the log is gone.
ADOPTION_POINTS = [
    Point(STAGE, "adopt", "before", "bronze.orders"),
    Point("odibi_dagster.storage.objects:Objects", "delete", "before"),
    Point(STAGE, "adopt", "after", "bronze.orders"),
]
