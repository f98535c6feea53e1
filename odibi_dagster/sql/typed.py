"""A compiled expression: what DuckDB runs, and what Spark would say about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .types import SparkType

Origin = tuple[str, str]
NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Typed:
    """One expression on its way to DuckDB.

    Args:
        sql: DuckDB text that can stand anywhere an operand can.
        type: Spark's type of the value.
        nullable: False only where a NULL cannot occur.
        name: the column name Spark gives the expression when it has no alias.
        lineage: (input, column) pairs the value is made of, in order of first use.
        loose: names of columns used outside of aggregates and grouping keys.
        aggregate, window: whether an aggregate or a window function is inside.
        literal: the Python value of a literal, else NOTHING.
        column: the name of the column, if the expression is nothing else.
    """

    sql: str
    type: SparkType
    nullable: bool
    name: str
    lineage: tuple[Origin, ...] = ()
    loose: frozenset[str] = frozenset()
    aggregate: bool = False
    window: bool = False
    literal: Any = NOTHING
    column: str | None = None

    @property
    def is_literal(self) -> bool:
        return self.literal is not NOTHING

    def with_sql(self, sql: str, type: SparkType | None = None) -> Typed:
        """The same value and origin written otherwise, or cast to another type."""
        return replace(self, sql=sql, type=type or self.type)


def combine(sql: str, type: SparkType, name: str, *parts: Typed, nullable: bool | None = None) -> Typed:
    """An expression over `parts`: origins add up; NULL in gives NULL out unless `nullable` says otherwise."""
    lineage: dict[Origin, None] = {}
    loose: frozenset[str] = frozenset()
    for part in parts:
        lineage.update(dict.fromkeys(part.lineage))
        loose |= part.loose
    return Typed(
        sql=sql,
        type=type,
        nullable=any(part.nullable for part in parts) if nullable is None else nullable,
        name=name,
        lineage=tuple(lineage),
        loose=loose,
        aggregate=any(part.aggregate for part in parts),
        window=any(part.window for part in parts),
    )


def text(value: str) -> str:
    """A DuckDB string literal; a NUL cannot stand in one, so such text is put together with chr(0)."""
    parts = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"
