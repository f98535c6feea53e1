"""`odibi-dagster query`: looks into published tables with the platform's SQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from odibi_dagster.cli.options import project_options

if TYPE_CHECKING:
    from odibi_dagster.project import Project
    from odibi_dagster.sql import Query


#: What errors call it.
_NAME = "the query"


@click.command("query", short_help="Run a SELECT over published tables.")
@click.argument("sql")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The most rows to print."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
    help="JSON is a list of objects; decimals, dates and timestamps are texts in it.",
)  # fmt: skip
@project_options
def command(sql: str, limit: int, form: str) -> None:
    """Run one SELECT over the newest versions of published tables and print its rows.

    It is the SQL of table files: Spark's meaning, tables as layer.table, and only functions of the catalogue.
    Nothing can be changed with it.

    \b
    Examples:
      odibi-dagster query "SELECT status, COUNT(*) AS n FROM silver.customers GROUP BY status"
      odibi-dagster query "SELECT * FROM gold.product_metrics ORDER BY revenue DESC" --limit 10
      odibi-dagster query "SELECT * FROM silver.orders" --limit 1000 --format csv > orders.csv
    """
    from odibi_dagster.cli import console
    from odibi_dagster.project import load_project

    rows = select_rows(load_project(), sql, limit)
    more = f"There are more rows than these {limit:,}: --limit prints more." if rows.more else ""
    if form == "json":
        console.print_json([dict(zip(rows.columns, row, strict=True)) for row in rows.rows])
    elif form == "csv":
        _print_csv(rows)
    else:
        print_rows(rows)
        click.echo(more or console.plural(len(rows.rows), "row"))
    if more and form != "table":
        click.echo(more, err=True)


@dataclass(frozen=True)
class Rows:
    """A query's result: its columns, its first rows, and whether there are more."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    more: bool = False


def select_rows(project: Project, sql: str, limit: int) -> Rows:
    """The first rows of a SELECT over published tables, each at its newest version.

    Args:
        project: the tables and where they are.
        sql: in the SQL of table files.
        limit: the most rows to return.

    Raises:
        SqlError: the query does not parse, uses what the catalogue does not have, or names an unknown column.
        ConfigError: it names a table that does not exist.
        DataError: a table was never published, or a value cannot be computed (a cast, an overflow).
    """
    import tempfile

    from odibi_dagster.build import build_engine
    from odibi_dagster.lake.input import Input

    query = _parse(sql)
    keys = [project.table(name).key for name in query.inputs]
    reads = {key: Input(key, project.url(key)).files for key in keys}
    # A session writes below its table's folder only. A query writes nothing, so it gets a folder of its own.
    with (
        tempfile.TemporaryDirectory(prefix="odibi-query-") as nowhere,
        build_engine(project).session(reads, nowhere, table=_NAME) as session,
        _told(),
    ):
        relation = session.sql(query, now=datetime.now(UTC))
        found = session.query(f"SELECT * FROM result LIMIT {limit + 1}", {"result": relation})
        columns = tuple(column.name for column in relation.schema)
    rows = [tuple(row.values()) for row in found]
    return Rows(columns, rows[:limit], more=len(rows) > limit)


@contextmanager
def _told() -> Iterator[None]:
    """Lets the engine's errors speak of the query: it knows tables and their folders only."""
    from odibi_dagster.errors import OdibiError, Where

    try:
        yield
    except OdibiError as error:
        if error.where.table != _NAME:
            raise
        why = error.why or error.what
        where = Where(file=_NAME)
        raise type(error)("It cannot be answered.", where=where, why=why, remedy=error.remedy) from error


def print_rows(rows: Rows) -> None:
    """A result as a table on stdout."""
    from odibi_dagster.cli import console

    numbers = {name for at, name in enumerate(rows.columns) if any(_is_number(row[at]) for row in rows.rows)}
    shown = console.table(*rows.columns, right=numbers)
    for row in rows.rows:
        shown.add_row(*(_text(value, null="NULL") for value in row))
    console.print_table(shown)


def _parse(sql: str) -> Query:
    from odibi_dagster.errors import ConfigErrors, SqlError, Where
    from odibi_dagster.sql import parse_query

    try:
        query = parse_query(sql, file=_NAME, table="")
    except ConfigErrors as errors:
        # Its own headline speaks of definitions.
        raise SqlError("\n".join(str(error) for error in errors.errors)) from errors
    if query.parameters:
        raise SqlError(
            f"A query has no partition, so there is no :{query.parameters[0]}.",
            where=Where(file=_NAME),
            remedy="Write the value.",
        )
    return query


def _print_csv(rows: Rows) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows([_text(value, null="") for value in row] for row in rows.rows)


def _text(value: object, *, null: str) -> str:
    from odibi_dagster.cli.console import plain

    if value is None:
        return null
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(plain(value))


def _is_number(value: object) -> bool:
    from decimal import Decimal

    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
