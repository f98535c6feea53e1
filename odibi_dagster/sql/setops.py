"""UNION, INTERSECT and EXCEPT."""

from __future__ import annotations

from sqlglot import exp

from . import coerce
from .refusal import Refusal
from .relation import Compiling, Ctes, Output, Relation, normal
from .scope import Scope
from .typed import Typed
from .types import Map, quote


class SetOperations(Compiling):
    """Compiles set operations; both sides get the common types of their columns."""

    def _set_operation(self, node: exp.SetOperation, ctes: Ctes, outer: Scope | None) -> Relation:
        left, right = self.query(node.this, ctes, outer), self.query(node.expression, ctes, outer)
        word = type(node).__name__.upper()
        if len(left.outputs) != len(right.outputs):
            raise self.problems.error(
                node,
                f"{word} of {len(left.outputs)} and {len(right.outputs)} columns.",
                remedy="Both sides need the same columns.",
            )
        distinct = bool(node.args.get("distinct"))
        outputs = []
        for a, b in zip(left.outputs, right.outputs, strict=True):
            try:
                kind = coerce.wider(a.type, b.type)
                if (distinct or word != "UNION") and isinstance(kind, Map):
                    raise Refusal(f"{kind} cannot be compared.")
            except Refusal as refusal:
                raise self.problems.error(
                    node, f"{word}, column {a.name}: {refusal.what}", remedy=refusal.remedy
                ) from None
            lineage = a.lineage if word == "EXCEPT" else tuple(dict.fromkeys(a.lineage + b.lineage))
            nullable = a.nullable if word == "EXCEPT" else a.nullable or b.nullable
            outputs.append(Output(a.name, a.key, kind, nullable, lineage))
        keys = distinct or word != "UNION"
        sides = [self._side(relation, outputs, keys=keys) for relation in (left, right)]
        return Relation(f"{sides[0]} {word}{'' if distinct else ' ALL'} {sides[1]}", tuple(outputs))

    def _side(self, relation: Relation, outputs: list[Output], *, keys: bool) -> str:
        columns = []
        for own, wanted in zip(relation.outputs, outputs, strict=True):
            typed = Typed(quote(own.key), own.type, own.nullable, own.name)
            typed = typed.with_sql(coerce.to(typed, wanted.type), wanted.type)
            columns.append(f"{normal(typed) if keys else typed.sql} AS {quote(wanted.key)}")
        if all(
            column == f"{quote(own.key)} AS {quote(own.key)}"
            for column, own in zip(columns, relation.outputs, strict=True)
        ):
            return f"({relation.sql})"
        return f"(SELECT {', '.join(columns)} FROM ({relation.sql}))"
