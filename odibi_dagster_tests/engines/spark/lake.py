"""Tables and landed files for tests of the Spark engine; what it reads is made by the other engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.protocol import Landed, Staged
from odibi_dagster.sql import parse_query
from odibi_dagster.sql.native import parse_native
from odibi_dagster_tests.engines.pandas import lake as pandas_lake
from odibi_dagster_tests.engines.pandas.lake import NOW


@dataclass
class Lake(pandas_lake.Lake):
    """Tables below one folder, read and written by Spark."""

    other: pandas_lake.Lake = field(init=False)

    def __post_init__(self) -> None:
        self.other = pandas_lake.Lake(self.root, PandasEngine(threads=1, memory_limit="500MB"))

    def make(self, sql: str, partition_by: tuple[str, ...] = (), table: str = "silver.out") -> Staged:
        """A published table with the rows of some DuckDB SQL."""
        staged = self.other.stage(sql, partition_by, table)
        self.other.publish(staged)
        return staged

    def take(self, landed: Landed) -> list[Any]:
        """The landed rows through a session, sorted."""
        with self.session({"bronze.orders": landed}, table="bronze.orders") as session:
            staged = session.stage(session.read("bronze.orders"))
            return sorted_rows(session, session.staged(staged), [column.name for column in staged.schema])


def sorted_rows(session: Any, relation: Any, columns: list[str]) -> list[dict[str, Any]]:
    """A relation's rows, in the order of their columns, on any engine."""
    names = [session.name(column) for column in columns]
    order = ", ".join(f"{name} NULLS LAST" for name in names)
    found = session.query(f"SELECT {', '.join(names)} FROM t ORDER BY {order}", {"t": relation})
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    """An instant in the same zone's same object, whoever gave it."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def query(session: Any, sql: str, **parameters: object) -> Any:
    """Some Spark SQL on a session of either engine."""
    parsed = parse_native if type(session).__name__ == "SparkSession" else parse_query
    return session.sql(parsed(sql, file="gold/x.sql", table="gold.x"), now=NOW, parameters=parameters)
