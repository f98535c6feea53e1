"""The catalogue as a page for people."""

from __future__ import annotations

from . import families
from .entry import Entry
from .refused import REFUSED

_HEAD = """# SQL

Generated from the catalogue by `python -m odibi_dagster.sql.catalogue`; do not edit.

Tables are written in Spark SQL, in its ANSI meaning, whatever the engine. On the pandas engine the SQL is
compiled to DuckDB: results, result types and column names are Spark's, or the SQL is refused. Functions,
clauses and literal arguments are refused when the definitions load; types are refused before anything is
computed. A table that needs more is a Python function.

Each entry is **proven**: its cases gave the same column name, type and values on real Spark 4.2 and on
DuckDB, over NULLs, NaN, -0.0, the extremes of each type and Unicode. **limited** means that some arguments
are refused, as its limits say. What is refused stands at the end of this page, with the reason.

## Queries

* One SELECT over `layer.table` names (`bronze`, `silver`, `gold`). They are the table's inputs. No files, no
  URLs, no table functions, no other statements.
* WITH, subqueries in FROM, VALUES in FROM, JOIN (INNER, LEFT, RIGHT, FULL, CROSS, LEFT SEMI, LEFT ANTI; ON,
  USING or NATURAL), WHERE, GROUP BY (columns, aliases, positions, expressions, ALL, ROLLUP, CUBE, GROUPING
  SETS), HAVING, QUALIFY, DISTINCT, ORDER BY, LIMIT and OFFSET behind an ORDER BY, UNION [ALL],
  INTERSECT [ALL], EXCEPT [ALL], MINUS, `*`, `t.*`, `* EXCEPT (…)`, aliases used later in the same list.
* LATERAL VIEW [OUTER] with a generator, and one generator in a SELECT list without GROUP BY.
* Scalar subqueries, also those that look at the query around them if they are one aggregate; EXISTS; IN with
  a subquery as a condition of WHERE and HAVING, also under OR. The query around is seen in WHERE and HAVING.
* Windows: PARTITION BY, ORDER BY, the WINDOW clause; frames with ROWS and literal numbers, UNBOUNDED,
  CURRENT ROW; RANGE also with a number (over INT, BIGINT, DOUBLE, DATE) or an INTERVAL (over dates and
  times).
* Fields of structs `a.b`, elements `a[0]`, `m['key']`, lambdas `x -> x + 1`.
* `:partition_key` (text), `:partition_start` and `:partition_end` (timestamps) in tables with `partitions`.
* Literals: numbers (also `1L`, `1.5BD`, `1e3`), 'text' (a doubled quote, or
  `\\\\ \\' \\" \\n \\r \\t`), DATE '…', TIMESTAMP '…', TRUE, FALSE, NULL; `INTERVAL 3 DAY`, of one unit,
  beside a date or a timestamp.
* A text literal beside a date or a timestamp is read as one; any other text needs a CAST.
* Decimals of more than 38 digits, FLOAT arithmetic, and two result columns of one name are refused.
* Every time is in UTC. `current_timestamp()` is one instant for a whole write, the same on every retry.

Types: boolean, tinyint, smallint, int, bigint, float, double, decimal(precision, scale), string, binary,
date, timestamp, timestamp_ntz, arrays, maps, structs.
"""
_COLUMNS = ("", "state", "takes", "returns", "limits", "rule")


def page() -> str:
    """docs/sql.md, whole."""
    parts = [_HEAD]
    for title, entries in families():
        parts.append(f"## {title}\n")
        parts.append(
            _row(_COLUMNS) + _row(("---",) * len(_COLUMNS)) + "".join(_entry(entry) for entry in entries)
        )
    parts.append("## Refused\n")
    parts.append(_row(("functions", "why")) + _row(("---", "---")) + "".join(map(_row, _refused())))
    return "\n".join(parts)


def _refused() -> list[tuple[str, str]]:
    """The refused functions by their reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in REFUSED.items():
        by_reason.setdefault(reason, []).append(f"`{name}`")
    return [(", ".join(sorted(names)), reason) for reason, names in by_reason.items()]


def _entry(entry: Entry) -> str:
    names = ", ".join(f"`{name}`" for name in (entry.name, *entry.aliases))
    distinct = " [DISTINCT]" if entry.distinct else ""
    return _row((names, entry.state, entry.accepts + distinct, entry.returns, entry.limits, entry.rule))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
