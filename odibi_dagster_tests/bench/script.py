"""The shipped tables as one plain DuckDB script: the same rows, columns and counted expectations, no log."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odibi_dagster.assets.rules import row_rule
from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster.project import load_project
from odibi_dagster.sql import SETTINGS, Schema, compile_predicate, compile_query, to_duckdb
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column
from odibi_dagster.tables.spec import (
    Expectation,
    FreshRule,
    FunctionBody,
    LandingBody,
    ReferencesRule,
    RowsRule,
    SqlBody,
    TableSpec,
    UniqueRule,
)


def script(landing: Path) -> dict[str, Any]:
    """The tables in their order, each with its query, and with a query for each of its expectations.

    Compiled here, so that whoever runs the script imports nothing but DuckDB. Queries name tables as the
    platform does, `"silver.orders"`.

    Args:
        landing: the folder of the landed files.
    """
    now = datetime.now(UTC)
    schemas: dict[str, Schema] = {}
    tables: list[dict[str, Any]] = []
    for spec in load_project().tables.values():
        query, schemas[spec.key] = _query(spec, schemas, landing, now)
        rows = [r for e in spec.expect if (r := row_rule(e, spec, schemas[spec.key], _predicate))]
        dropped = [rule.violated for rule in rows if rule.expectation.on_fail == "drop"]
        table = quote.name(spec.key)
        checks = {e.name: sql for e in spec.expect if (sql := _check(e, table))}
        tables.append(
            {
                "name": spec.key,
                "query": query,
                "partition_by": spec.partition_by,
                "types": {c.name: to_duckdb(c.type) for c in schemas[spec.key]},
                # All rules about single rows are counted in one pass, as in the platform.
                "rows": {r.expectation.name: f"count(*) FILTER (WHERE {r.violated})" for r in rows},
                "checks": checks,
                "drop": " OR ".join(dropped),
            }
        )
    return {"start": [*SETTINGS, *_macros(tables)], "tables": tables}


def _predicate(text: str, schema: Schema, **place: Any) -> str:
    return compile_predicate(text, schema, **place).sql


def _query(
    spec: TableSpec, schemas: Mapping[str, Schema], landing: Path, now: datetime
) -> tuple[str, Schema]:
    if isinstance(spec.body, SqlBody):
        compiled = compile_query(spec.body.query, {i: schemas[i] for i in spec.inputs}, now=now)
        return compiled.sql, compiled.columns
    if isinstance(spec.body, LandingBody):
        return _landed(spec, spec.body, landing, now)
    assert isinstance(spec.body, FunctionBody)
    return _by_hand(spec, schemas)


def _landed(spec: TableSpec, body: LandingBody, landing: Path, now: datetime) -> tuple[str, Schema]:
    own = tuple(Column(name, c.type) for name, c in spec.columns.items() if c.type is not None)
    batch = (Column("_batch", BIGINT),) if spec.kind == "append" else ()
    items = [quote.name(column.name) for column in own]
    items += [f"substr(filename, {len(str(landing)) + 2}) AS _file"]
    items += ["CAST(1 AS BIGINT) AS _batch"] if batch else []
    items += [f"CAST({quote.text(now.isoformat())} AS TIMESTAMP WITH TIME ZONE) AS _landed_at"]
    files = quote.text(f"{landing}/{body.path}")
    query = f"SELECT {', '.join(items)} FROM read_parquet({files}, filename = true)"
    return query, (*own, Column("_file", STRING), *batch, Column("_landed_at", TIMESTAMP))


def _by_hand(spec: TableSpec, schemas: Mapping[str, Schema]) -> tuple[str, Schema]:
    """What the two Python tables compute, in SQL."""
    if spec.key == "silver.large_orders":
        return 'SELECT * FROM "silver.orders" WHERE amount > 100', schemas["silver.orders"]
    assert spec.key == "bronze.countries", f"{spec.key} needs its SQL here"
    rows = runpy.run_path(str(spec.file))["COUNTRIES"]
    values = ", ".join(f"({', '.join(quote.text(value) for value in row)})" for row in rows)
    names = ", ".join(spec.columns)
    schema = tuple(Column(name, STRING) for name in spec.columns)
    return f"SELECT * FROM (VALUES {values}) AS c({names})", schema


def _check(expectation: Expectation, table: str) -> str | None:
    """A query for the number of violations of an expectation that is not about single rows."""
    rule = expectation.rule
    if isinstance(rule, UniqueRule):
        columns = ", ".join(quote.name(column) for column in rule.columns)
        groups = f"SELECT count(*) AS n FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        return f"SELECT coalesce(sum(n), 0) FROM ({groups})"
    if isinstance(rule, ReferencesRule):
        pairs = zip(rule.columns, rule.other_columns, strict=True)
        same = " AND ".join(f"c.{quote.name(a)} = o.{quote.name(b)}" for a, b in pairs)
        there = " AND ".join(f"c.{quote.name(column)} IS NOT NULL" for column in rule.columns)
        other = f"SELECT 1 FROM {quote.name(rule.table)} AS o WHERE {same}"
        return f"SELECT count(*) FROM {table} AS c WHERE {there} AND NOT EXISTS ({other})"
    if isinstance(rule, RowsRule):
        return f"SELECT CAST(count(*) < {rule.min or 0} AS INTEGER) FROM {table}"
    if isinstance(rule, FreshRule):
        seconds = int(rule.within.total_seconds())
        late = f"max({quote.name(rule.column)}) < now() - to_seconds({seconds})"
        return f"SELECT CAST({late} AS INTEGER) FROM {table}"
    return None


class _Statements(list[str]):
    """Stands in for a connection: keeps what it would be asked to do."""

    def execute(self, statement: str) -> None:
        self.append(statement)


def _macros(tables: list[dict[str, Any]]) -> Iterator[str]:
    made = _Statements()
    macros = Macros(made)
    for table in tables:
        macros.make(table["query"], *table["rows"].values())
    yield from made
