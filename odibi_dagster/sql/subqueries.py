"""Subqueries in expressions: as a value, in IN and EXISTS."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from . import coerce
from .catalogue import FUNCTIONS, OPERATORS
from .catalogue.entry import Call
from .env import Env, Nested
from .names import Names
from .refusal import Refusal
from .scope import Field, Scope
from .typed import NOTHING, Typed, combine
from .types import BOOLEAN, quote


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
        seen = _seen(sql, env)
        name = f"exists({', '.join(field.name for field in seen)})"
        return Typed(f"EXISTS ({sql})", BOOLEAN, False, name, loose=frozenset(field.name for field in seen))

    def _scalar(self, node: exp.Expr, env: Env) -> Typed:
        # A subquery that looks outside gives one row only if it is an aggregate; Spark wants that, too.
        single = node.this if isinstance(node, exp.Subquery) else node
        sql, columns = self._query(node, env, correlated=_is_one_aggregate(single))
        if len(columns) != 1:
            raise Refusal(f"A subquery as a value has one column, not {len(columns)}.")
        seen = _seen(sql, env)
        name = f"scalarsubquery({', '.join(field.name for field in seen)})"
        return Typed(
            f"({sql})",
            columns[0].type,
            True,
            name,
            lineage=columns[0].lineage,
            loose=frozenset(field.name for field in seen),
        )

    def _query(self, node: exp.Expr, env: Env, *, correlated: bool = True) -> tuple[str, list[Typed]]:
        if self.nested is None:
            raise Refusal("There can be no subquery here.")
        return self.nested(node, env.scope if correlated else Scope(()))


def _is_one_aggregate(node: exp.Expr) -> bool:
    """Whether a query is `SELECT aggregate FROM … WHERE …`, which has one row at most."""
    if not isinstance(node, exp.Select) or len(node.expressions) != 1:
        return False
    if any(node.args.get(key) for key in ("group", "limit", "offset", "distinct", "qualify", "with_")):
        return False
    if node.expressions[0].find(exp.Window) is not None:
        return False
    calls = [
        call for call in node.expressions[0].find_all(exp.Anonymous) if call.find_ancestor(exp.Select) is node
    ]
    return any(FUNCTIONS[str(call.this).lower()].kind == "aggregate" for call in calls)


def _seen(sql: str, env: Env) -> list[Field]:
    """The columns around a subquery that it uses, in the order in which it does.

    Each relation's alias in the DuckDB text is its own, so that a column's text stands for it only.
    """
    found = {field.sql: field for field in env.scope.fields if field.sql in sql}
    return sorted(found.values(), key=lambda field: sql.index(field.sql))
