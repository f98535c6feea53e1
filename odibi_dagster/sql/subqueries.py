"""Subqueries in expressions: as a value, in IN and EXISTS."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from . import coerce
from .catalogue import OPERATORS
from .catalogue.entry import Call
from .env import Env, Nested
from .names import Names
from .refusal import Refusal
from .scope import Scope
from .typed import NOTHING, Typed, combine, quote
from .types import BOOLEAN


class Subqueries(Names):
    """Compiles subqueries.

    Attributes:
        nested: compiles the query inside; None where there can be none.
    """

    nested: Nested | None

    def _in(self, node: exp.Expr, env: Env) -> Typed:
        value = self.compile(node.this, env)
        query = node.args.get("query")
        if query is None:
            options = [self.compile(option, env) for option in node.expressions]
            return OPERATORS[exp.In].emit(Call("IN", [value, *options], node))
        sql, columns = self._query(query, env)
        if len(columns) != 1:
            raise Refusal(f"IN needs a subquery of one column, not {len(columns)}.")
        inner = columns[0].with_sql(quote(columns[0].name))
        left, right = coerce.comparable(replace(value, literal=NOTHING), replace(inner, literal=NOTHING))
        body = sql if right == inner.sql else f"SELECT {right} FROM ({sql})"
        return combine(
            f"({left} IN ({body}))", BOOLEAN, f"({value.name} IN (listquery()))", value, nullable=True
        )

    def _exists(self, node: exp.Expr, env: Env) -> Typed:
        sql, _ = self._query(node.this, env)
        return Typed(f"EXISTS ({sql})", BOOLEAN, False, "exists()")

    def _scalar(self, node: exp.Expr, env: Env) -> Typed:
        sql, columns = self._query(node, env, correlated=False)
        if len(columns) != 1:
            raise Refusal(f"A subquery as a value has one column, not {len(columns)}.")
        return Typed(f"({sql})", columns[0].type, True, "scalarsubquery()", lineage=columns[0].lineage)

    def _query(self, node: exp.Expr, env: Env, *, correlated: bool = True) -> tuple[str, list[Typed]]:
        if self.nested is None:
            raise Refusal("There can be no subquery here.")
        return self.nested(node, env.scope if correlated else Scope(()))
