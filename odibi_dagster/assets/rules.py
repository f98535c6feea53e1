"""Each expectation as a question to an engine: how many rows break it, and which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from odibi_dagster.tables.spec import (
    AcceptedRule,
    AcceptedValue,
    Expectation,
    NotNullRule,
    SqlRule,
    TableSpec,
)

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Staged
    from odibi_dagster.sql import Schema


@dataclass(frozen=True)
class RowRule:
    """A rule about single rows.

    Args:
        expectation: what the table file says.
        violated: the engine's SQL, true for exactly the rows that break it; it is never NULL.
        text: the rule as a person reads it.
        columns: the columns to show beside a failing row's key.
    """

    expectation: Expectation
    violated: str
    text: str
    columns: tuple[str, ...]


def row_rule(
    expectation: Expectation, spec: TableSpec, schema: Schema, predicate: Callable[..., str]
) -> RowRule | None:
    """The rule in the engine's SQL, or None when it is not about single rows.

    A violation is `(predicate) IS NOT TRUE`: NULL breaks a rule as FALSE does.

    Args:
        expectation: what the table file says.
        spec: the table.
        schema: the columns of the rows.
        predicate: `Session.predicate` of the engine whose SQL the rule becomes.

    Raises:
        SqlError: the rule names an unknown column or does not fit the types.
    """
    text, columns = _predicate(expectation)
    if text is None:
        return None
    sql = predicate(text, schema, file=str(spec.file), line=expectation.line or 1, table=spec.key)
    return RowRule(expectation, f"(({sql}) IS NOT TRUE)", text, columns)


def _predicate(expectation: Expectation) -> tuple[str | None, tuple[str, ...]]:
    rule = expectation.rule
    if isinstance(rule, SqlRule):
        return rule.text, ()
    if isinstance(rule, NotNullRule):
        return " AND ".join(f"{spark_name(name)} IS NOT NULL" for name in rule.columns), rule.columns
    if isinstance(rule, AcceptedRule):
        parts = [_accepted(spark_name(name), values) for name, values in rule.values.items()]
        return " AND ".join(parts), tuple(rule.values)
    return None, ()


def _accepted(name: str, values: Sequence[AcceptedValue]) -> str:
    known = ", ".join(_literal(value) for value in values if value is not None)
    parts = [f"{name} IN ({known})"] if known else []
    if None in values:
        parts.append(f"{name} IS NULL")
    return f"({' OR '.join(parts)})"


def _literal(value: AcceptedValue) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def spark_name(column: str) -> str:
    """A column's name, quoted as Spark SQL wants it."""
    return f"`{column.replace('`', '``')}`"


def key_columns(spec: TableSpec, schema: Schema) -> tuple[str, ...]:
    """The columns that name a row to a person: those of the first `unique`, else the first; never `pii`."""
    have = {column.name for column in schema}
    unique = next((e.rule.columns for e in spec.expect if e.rule.kind == "unique"), ())  # type: ignore[union-attr]
    wanted = tuple(column for column in unique if column in have) or tuple(c.name for c in schema[:1])
    return shown(spec, wanted)


def shown(spec: TableSpec, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns without those that the contract marks `pii`, each once."""
    return tuple(dict.fromkeys(c for c in columns if not (c in spec.columns and spec.columns[c].pii)))


def null_counts(staged: Staged) -> Mapping[str, int]:
    """How many NULLs each column of the staged files holds, where their statistics say so exactly."""
    counts: dict[str, int] = {}
    known = [set(file.stats.get("nullCount", {})) for file in staged.files]
    for column in set.intersection(*known) if known else set():
        values = [file.stats["nullCount"][column] for file in staged.files]
        if all(isinstance(value, int) for value in values):
            counts[column] = sum(values)
    for column in staged.partition_by:
        counts[column] = sum(file.rows for file in staged.files if file.partition[column] is None)
    return counts
