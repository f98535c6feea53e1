"""The shipped tables as one plain PySpark script: the same rows, columns and partitions, the same counts."""

from __future__ import annotations

import argparse
import json
import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odibi_dagster.assets.rules import row_rule
from odibi_dagster.engines.spark import quote
from odibi_dagster.engines.spark.query import bound
from odibi_dagster.project import load_project
from odibi_dagster.spark.fetch import fetch
from odibi_dagster.spark.jars import verified
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


def main() -> None:
    """`spark_script.py --environment FILE --landing FOLDER --script FILE`: writes the script as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("--environment", "--landing", "--script"):
        parser.add_argument(name, type=Path, required=True)
    asked = parser.parse_args()
    asked.script.write_text(json.dumps(script(str(asked.environment), asked.landing), indent=1))


def script(environment: str, landing: Path) -> dict[str, Any]:
    """The settings of the platform's own session, and the tables in their order, in Spark SQL.

    Written here, so that whoever runs the script imports nothing but pyspark.

    Args:
        environment: the environment file of the platform's runs; without `remote`.
        landing: the folder of the landed files.
    """
    project, now = load_project(environment), datetime.now(UTC)
    tables: list[dict[str, Any]] = []
    for spec in project.tables.values():
        rows = [r for e in spec.expect if (r := row_rule(e, spec, (), lambda text, *_, **__: text))]
        counted = {r.expectation.name: f"count_if({r.violated})" for r in rows}
        counted |= {e.name: sql for e in spec.expect if (sql := _counted(e))}
        tables.append(
            {
                "name": view(spec.key),
                "key": spec.key,
                "query": _query(spec, landing, now),
                "partition_by": spec.partition_by,
                # All that one pass can count is counted in one pass.
                "rows": counted,
                "checks": {e.name: sql for e in spec.expect if (sql := _check(e, view(spec.key)))},
                "dropping": [r.expectation.name for r in rows if r.expectation.on_fail == "drop"],
                "drop": " OR ".join(r.violated for r in rows if r.expectation.on_fail == "drop"),
            }
        )
    settings = project.environment.spark().launch(verified(fetch()))
    return {"settings": settings, "tables": tables}


def view(key: str) -> str:
    """What the script calls a table."""
    return key.replace(".", "_")


def _query(spec: TableSpec, landing: Path, now: datetime) -> str:
    if isinstance(spec.body, SqlBody):
        return bound(spec.body.query, {name: view(name) for name in spec.inputs}, now, {})
    if isinstance(spec.body, LandingBody):
        own = [(name, c.type) for name, c in spec.columns.items() if c.type is not None]
        items = [f"CAST({quote.name(name)} AS {type}) AS {quote.name(name)}" for name, type in own]
        items += ["_metadata.file_path AS _file"]
        items += ["CAST(1 AS BIGINT) AS _batch"] if spec.kind == "append" else []
        items += [f"TIMESTAMP '{now.isoformat()}' AS _landed_at"]
        return f"SELECT {', '.join(items)} FROM parquet.`{landing}/{spec.body.path}`"
    assert isinstance(spec.body, FunctionBody)
    return _by_hand(spec)


def _by_hand(spec: TableSpec) -> str:
    """What the two Python tables compute, in SQL."""
    if spec.key == "silver.large_orders":
        return "SELECT * FROM silver_orders WHERE amount > 100"
    assert spec.key == "bronze.countries", f"{spec.key} needs its SQL here"
    rows = runpy.run_path(str(spec.file))["COUNTRIES"]
    values = ", ".join(f"({', '.join(quote.text(value) for value in row)})" for row in rows)
    return f"SELECT * FROM VALUES {values} AS c({', '.join(spec.columns)})"


def _counted(expectation: Expectation) -> str | None:
    """An aggregate that counts an expectation's violations, where one pass over the rows does."""
    rule = expectation.rule
    if isinstance(rule, RowsRule):
        return f"CAST(count(*) < {rule.min or 0} AS INT)"
    if isinstance(rule, FreshRule):
        seconds = int(rule.within.total_seconds())
        late = f"max({quote.name(rule.column)}) < current_timestamp() - INTERVAL {seconds} SECONDS"
        return f"CAST({late} AS INT)"
    return None


def _check(expectation: Expectation, table: str) -> str | None:
    """A query for the number of violations of an expectation that one pass does not count."""
    rule = expectation.rule
    if isinstance(rule, UniqueRule):
        columns = ", ".join(quote.name(column) for column in rule.columns)
        groups = f"SELECT count(*) AS n FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        return f"SELECT coalesce(sum(n), 0) FROM ({groups})"
    if isinstance(rule, ReferencesRule):
        pairs = zip(rule.columns, rule.other_columns, strict=True)
        same = " AND ".join(f"c.{quote.name(a)} = o.{quote.name(b)}" for a, b in pairs)
        there = " AND ".join(f"c.{quote.name(column)} IS NOT NULL" for column in rule.columns)
        other = f"SELECT 1 FROM {view(rule.table)} AS o WHERE {same}"
        return f"SELECT count(*) FROM {table} AS c WHERE {there} AND NOT EXISTS ({other})"
    return None


if __name__ == "__main__":
    main()
