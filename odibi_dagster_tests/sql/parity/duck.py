"""The pandas engine's side: compile, run on DuckDB, print as Spark's answers are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from odibi_dagster.errors import ConfigErrors, SqlError
from odibi_dagster.sql import to_duckdb
from odibi_dagster.sql.types import quote
from odibi_dagster_tests.sql.conftest import Lake

from .answer import Answer
from .tables import TABLES
from .value import printed, recorded

REFUSED = "REFUSED"


class Duck:
    """A connection with the tables of `tables.py`."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def ask(self, sql: str) -> tuple[Answer, str]:
        """The answer, and the words of a refusal or an error.

        A refusal has the error `REFUSED`, an error while it runs the name of DuckDB's exception.

        Raises:
            AssertionError: a column that is called not nullable has a NULL.
        """
        try:
            compiled = self.lake.compile(sql)
        except (SqlError, ConfigErrors) as refusal:
            return Answer(error=REFUSED), str(refusal)
        shown = ", ".join(printed(f"c{at}", c.type, "duckdb") for at, c in enumerate(compiled.columns))
        names = ", ".join(f"c{at}" for at in range(len(compiled.columns)))
        try:
            found = self.lake.connection.execute(
                f"SELECT {shown} FROM ({compiled.sql}) AS q({names})"
            ).fetchall()
        except duckdb.Error as error:
            return Answer(error=type(error).__name__), str(error)
        for at, column in enumerate(compiled.columns):
            if not column.nullable and any(row[at] is None for row in found):
                raise AssertionError(f"{sql}: {column.name} has a NULL and is called not nullable")
        return Answer(
            tuple((column.name, str(column.type)) for column in compiled.columns),
            tuple(
                tuple(recorded(value, c.type) for value, c in zip(row, compiled.columns, strict=True))
                for row in found
            ),
        ), ""


@contextmanager
def duck() -> Iterator[Duck]:
    """A DuckDB connection with the tables, closed afterwards."""
    with duckdb.connect() as connection:
        lake = Lake(connection)
        for name, rows in TABLES.items():
            lake.table(name, rows.columns)
            marks = []
            for column in rows.schema:
                type = to_duckdb(column.type)
                nested = str(column.type).startswith(("array", "map", "struct"))
                if str(column.type) == "binary":
                    marks.append("unhex(?)")
                else:
                    marks.append(f"CAST(CAST(? AS {'JSON' if nested else 'VARCHAR'}) AS {type})")
            if rows.cells:
                connection.executemany(f"INSERT INTO {quote(name)} VALUES ({', '.join(marks)})", rows.cells)
        yield Duck(lake)
