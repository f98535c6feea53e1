"""A DuckDB connection as the engine prepares it, and a shorthand from Spark SQL to rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pytest

from odibi_dagster.sql import (
    MACROS,
    SETTINGS,
    Column,
    Compiled,
    Schema,
    compile_query,
    parse_query,
    parse_type,
    to_duckdb,
    verify,
)
from odibi_dagster.sql.python_functions import PYTHON_FUNCTIONS, create_function

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.UTC)


def schema(text: str) -> Schema:
    """`name type, name type` as a schema; commas inside of brackets belong to the type."""
    from odibi_dagster.sql.types import split_outside

    pairs = [part.split(" ", 1) for part in split_outside(text, ",")]
    return tuple(Column(name, parse_type(type)) for name, type in pairs)


class Lake:
    """Tables in one DuckDB connection, and the compiler over them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.schemas: dict[str, Schema] = {}
        for name in PYTHON_FUNCTIONS:
            create_function(connection, name)
        for statement in (*SETTINGS, *MACROS):
            connection.execute(statement)

    def table(self, name: str, columns: str, rows: Sequence[Sequence[Any]] = ()) -> None:
        self.schemas[name] = schema(columns)
        types = ", ".join(f'"{c.name}" {to_duckdb(c.type)}' for c in self.schemas[name])
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" ({types})')
        if rows:
            marks = ", ".join("?" * len(self.schemas[name]))
            self.connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', [list(row) for row in rows])

    def compile(self, sql: str, **parameters: object) -> Compiled:
        query = parse_query(sql, file="silver/t.sql", table="silver.t")
        compiled = compile_query(query, self.schemas, now=NOW, parameters=parameters)
        verify(compiled, self.connection)
        return compiled

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(self.compile(sql, **parameters).sql).fetchall()

    def types(self, sql: str) -> list[str]:
        return [str(column.type) for column in self.compile(sql).columns]

    def value(self, expression: str) -> Any:
        return self.rows(f"SELECT {expression} AS x")[0][0]


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    with duckdb.connect() as connection:
        yield Lake(connection)


@pytest.fixture
def parse() -> Callable[..., Any]:
    def parsed(sql: str, **options: Any) -> Any:
        return parse_query(sql, **({"file": "silver/t.sql", "table": "silver.t"} | options))

    return parsed
