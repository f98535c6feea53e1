"""The catalogue as a page for people."""

from __future__ import annotations

from . import families
from .entry import Entry

_HEAD = """# SQL

Generated from the catalogue by `python -m odibi_dagster.sql.catalogue`; do not edit.

Tables are written in Spark SQL, in its ANSI meaning, whatever the engine. On the pandas engine the SQL is
compiled to DuckDB: results, result types and column names are Spark's, or the SQL is refused. Functions,
clauses and literal arguments are refused when the definitions load; types are refused before anything is
computed. A table that needs more is a Python function.

## Queries

* One SELECT over `layer.table` names (`bronze`, `silver`, `gold`). They are the table's inputs. No files, no
  URLs, no table functions, no other statements.
* WITH, subqueries in FROM, JOIN (INNER, LEFT, RIGHT, FULL, CROSS, LEFT SEMI, LEFT ANTI; ON or USING), WHERE,
  GROUP BY (columns, aliases, positions, expressions, ALL), HAVING, QUALIFY, DISTINCT, ORDER BY, LIMIT and
  OFFSET behind an ORDER BY, UNION [ALL], INTERSECT [ALL], EXCEPT [ALL], `*`, `t.*`, `* EXCEPT (…)`, aliases
  used later in the same list.
* Scalar subqueries that stand for themselves; EXISTS; IN with a subquery as a condition of WHERE.
* Windows: PARTITION BY, ORDER BY, frames with ROWS and literal numbers, UNBOUNDED, CURRENT ROW.
* `:partition_key` (text), `:partition_start` and `:partition_end` (timestamps) in tables with `partitions`.
* Literals: numbers (also `1L`, `1.5BD`, `1e3`), 'text' (a doubled quote, or
  `\\\\ \\' \\" \\n \\r \\t`), DATE '…', TIMESTAMP '…',
  TRUE, FALSE, NULL.
* A text literal beside a date or a timestamp is read as one; any other text needs a CAST.
* Decimals of more than 38 digits, FLOAT arithmetic, and two result columns of one name are refused.
* Every time is in UTC. `current_timestamp()` is one instant for a whole write, the same on every retry.

Types: boolean, tinyint, smallint, int, bigint, float, double, decimal(precision, scale), string, binary,
date, timestamp, timestamp_ntz; arrays, maps and structs pass through.
"""
_COLUMNS = ("", "takes", "returns", "limits", "rule")


def page() -> str:
    """docs/sql.md, whole."""
    parts = [_HEAD]
    for title, entries in families():
        parts.append(f"## {title}\n")
        parts.append(
            _row(_COLUMNS) + _row(("---",) * len(_COLUMNS)) + "".join(_entry(entry) for entry in entries)
        )
    return "\n".join(parts)


def _entry(entry: Entry) -> str:
    names = ", ".join(f"`{name}`" for name in (entry.name, *entry.aliases))
    distinct = " [DISTINCT]" if entry.distinct else ""
    return _row((names, entry.accepts + distinct, entry.returns, entry.limits, entry.rule))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
