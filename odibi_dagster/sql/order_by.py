"""ORDER BY, LIMIT and OFFSET."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .env import Env
from .expression import Expressions
from .frames import direction
from .relation import Compiling, Relation
from .scope import Field, Scope
from .typed import Typed
from .types import Map, quote


class OrderBy(Compiling):
    """Compiles what puts rows into an order."""

    def _orders(
        self, node: exp.Expr, expressions: Expressions, env: Env, items: list[tuple[exp.Expr, Typed, str]]
    ) -> list[tuple[exp.Expr, Typed, int | None, str]]:
        order = node.args.get("order")
        result: list[tuple[exp.Expr, Typed, int | None, str]] = []
        for item in order.expressions if order is not None else []:
            inner, position = item.this, None
            if isinstance(inner, exp.Literal) and not inner.is_string and str(inner.this).isdigit():
                position = int(inner.this)
                if not 1 <= position <= len(items):
                    raise self.problems.error(item, f"There is no column {position} in the SELECT list.")
                typed = items[position - 1][1]
            else:
                typed = expressions.compile(inner, env)
                matches = [at for at, (_, other, _) in enumerate(items, 1) if other.sql == typed.sql]
                position = matches[0] if matches else None
            if isinstance(typed.type, Map):
                raise self.problems.error(item, f"{typed.name} is {typed.type}: it has no order.")
            if typed.is_literal and position is None:
                continue
            result.append((item, typed, position, direction(item)))
        return result

    def _tail(self, node: exp.Expr, relation: Relation) -> Relation:
        """ORDER BY and LIMIT of a set operation or of brackets: over output columns."""
        if not (node.args.get("order") or node.args.get("limit") or node.args.get("offset")):
            return relation
        fields = tuple(
            Field(o.name, quote(o.key), o.type, o.nullable, "", o.lineage) for o in relation.outputs
        )
        items = [(node, Typed(f.sql, f.type, f.nullable, f.name), f.name) for f in fields]
        env = Env(Scope(fields), clause="ORDER BY", windows=False)
        orders = self._orders(node, self.expressions({}), env, items)
        by = ", ".join(f"{position or typed.sql} {how}" for _, typed, position, how in orders)
        parts = [f"SELECT * FROM ({relation.sql})", *([f"ORDER BY {by}"] if by else []), *limit(node)]
        return replace(relation, sql=" ".join(parts))


def limit(node: exp.Expr) -> list[str]:
    """The LIMIT and OFFSET of a query."""
    parts = []
    for key, word in (("limit", "LIMIT"), ("offset", "OFFSET")):
        if (clause := node.args.get(key)) is not None:
            parts.append(f"{word} {int(clause.expression.this)}")
    return parts
