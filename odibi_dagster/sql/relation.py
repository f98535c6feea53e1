"""What the compilers of queries share: compiled relations, aliases, errors."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from .catalogue.operators import boolean
from .expression import Expressions
from .problems import Problems
from .refusal import Refusal
from .scope import Scope
from .typed import Origin, Typed
from .types import DOUBLE, FLOAT, Schema, SparkType


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a compiled query: Spark's name, and the one it has in the DuckDB text."""

    name: str
    key: str
    type: SparkType
    nullable: bool
    lineage: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A compiled query: its DuckDB text and its columns."""

    sql: str
    outputs: tuple[Output, ...]


Ctes = Mapping[str, tuple[str, tuple[Output, ...]]]


class Compiling(ABC):
    """The state of compiling one text."""

    def __init__(
        self,
        problems: Problems,
        schemas: Mapping[str, Schema],
        *,
        now: datetime.datetime | None,
        parameters: Mapping[str, object],
    ) -> None:
        self.problems, self.schemas = problems, schemas
        self.now, self.parameters = now, parameters
        self.taken = {name.lower() for name in schemas}

    def fresh(self, name: str) -> str:
        """A DuckDB alias that nothing else in the text has, near to the name the user gave."""
        base, number = name or "t", 2
        candidate = base
        while candidate.lower() in self.taken:
            candidate, number = f"{base}_{number}", number + 1
        self.taken.add(candidate.lower())
        return candidate

    def expressions(self, ctes: Ctes) -> Expressions:
        """A compiler for expressions whose subqueries see these names from WITH."""

        def nested(node: exp.Expr, scope: Scope) -> tuple[str, list[Typed]]:
            relation = self.query(node, ctes, Scope(scope.fields))
            return relation.sql, [
                Typed("", o.type, o.nullable, o.key, lineage=o.lineage) for o in relation.outputs
            ]

        return Expressions(self.problems, now=self.now, parameters=self.parameters, nested=nested)

    @abstractmethod
    def query(self, node: exp.Expr, ctes: Ctes, outer: Scope | None, *, final: bool = False) -> Relation:
        """A SELECT, a set operation, or either in brackets, with its WITH, ORDER BY and LIMIT."""

    def _renamed(
        self, at: exp.Expr, alias: exp.Expr | None, outputs: tuple[Output, ...]
    ) -> tuple[Output, ...]:
        names = alias.args.get("columns") if alias is not None else None
        if not names:
            return outputs
        if len(names) != len(outputs):
            raise self.problems.error(at, f"{len(names)} names are given to {len(outputs)} columns.")
        return tuple(replace(output, name=name.name) for output, name in zip(outputs, names, strict=True))

    def _condition(self, at: exp.Expr, typed: Typed, clause: str) -> str:
        try:
            return boolean(typed, clause)
        except Refusal as refusal:
            raise self.problems.error(at, refusal.what, remedy=refusal.remedy) from None


def normal(typed: Typed) -> str:
    """A value as a key of a group: -0.0 counts as 0.0, as Spark normalizes it."""
    return f"({typed.sql} + 0.0)" if typed.type in (DOUBLE, FLOAT) else typed.sql
