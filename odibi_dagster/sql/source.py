"""FROM: tables, names from WITH, subqueries and joins."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from sqlglot import exp

from . import coerce
from .env import Env
from .refusal import Refusal
from .relation import Ctes, Output, Relation
from .scope import Field, Scope
from .typed import Typed
from .types import quote
from .values import ValuesClause


class FromClause(ValuesClause):
    """Compiles FROM to DuckDB text and the columns it brings into scope."""

    @abstractmethod
    def _tail(self, node: exp.Expr, relation: Relation) -> Relation:
        """ORDER BY and LIMIT of brackets."""

    def _source(self, node: exp.Expr, ctes: Ctes, outer: Scope | None) -> tuple[str, tuple[Field, ...]]:
        alias = node.args.get("alias")
        if isinstance(node, exp.Values):
            body, outputs = self._values(node)
            shown = alias.name if alias is not None else ""
        elif isinstance(node, exp.Table):
            if node.db:
                name = f"{node.db.lower()}.{node.name.lower()}"
                if name not in self.schemas:
                    raise self.problems.error(
                        node,
                        f"The columns of {name} are not known.",
                        remedy="Build that table first, or check its name.",
                    )
                outputs = tuple(
                    Output(c.name, c.name, c.type, c.nullable, ((name, c.name),)) for c in self.schemas[name]
                )
                body = quote(name)
            else:
                key, outputs = ctes[node.name.lower()]
                body = quote(key)
            shown = alias.name if alias is not None else node.name
        else:
            relation = self.query(node.this, ctes, None)
            tailed = self._tail(node, relation)
            body, outputs = f"({tailed.sql})", tailed.outputs
            shown = alias.name if alias is not None else ""
        outputs = self._renamed(node, alias, outputs)
        own = self.fresh(shown)
        fields = tuple(
            Field(o.name, f"{quote(own)}.{quote(o.key)}", o.type, o.nullable, shown.lower(), o.lineage)
            for o in outputs
        )
        return f"{body} AS {quote(own)}", fields

    def _from(self, node: exp.Select, ctes: Ctes, outer: Scope | None) -> tuple[str, tuple[Field, ...]]:
        from_ = node.args.get("from_")
        if from_ is None:
            return "", ()
        sql, fields = self._source(from_.this, ctes, outer)
        names = {fields[0].qualifier} if fields else set()
        crossed = False
        for join in node.args.get("joins") or []:
            right_sql, right = self._source(join.this, ctes, outer)
            if right and right[0].qualifier and right[0].qualifier in names:
                raise self.problems.error(
                    join,
                    f"The name {right[0].qualifier} stands twice in FROM.",
                    remedy="Give each its own alias.",
                )
            names |= {right[0].qualifier} if right else set()
            kind = _join_kind(join)
            natural = str(join.args.get("method") or "").upper() == "NATURAL"
            if kind in ("RIGHT", "FULL") and crossed:
                raise self.problems.error(
                    join,
                    f"{kind} JOIN behind a comma or CROSS JOIN is not in the SQL catalogue.",
                    remedy="Put the other tables into a subquery.",
                )
            crossed = crossed or kind == "CROSS"
            using = _shared(fields, right) if natural else None
            if natural and not using:
                raise self.problems.error(
                    join, "NATURAL JOIN of tables without a common column.", remedy="Write JOIN … ON."
                )
            sql, fields = self._join(join, kind, sql, fields, right_sql, right, ctes, using)
        return sql, fields

    def _join(
        self,
        join: exp.Expr,
        kind: str,
        left_sql: str,
        left: tuple[Field, ...],
        right_sql: str,
        right: tuple[Field, ...],
        ctes: Ctes,
        natural: list[str] | None,
    ) -> tuple[str, tuple[Field, ...]]:
        on, using = join.args.get("on"), natural or join.args.get("using")
        a = tuple(replace(f, nullable=True) for f in left) if kind in ("RIGHT", "FULL") else left
        b = tuple(replace(f, nullable=True) for f in right) if kind in ("LEFT", "FULL") else right
        if kind == "CROSS" or (kind == "INNER" and on is None and not using):
            if on is not None or using:
                raise self.problems.error(join, "CROSS JOIN takes no condition.", remedy="Write JOIN … ON.")
            return f"{left_sql} CROSS JOIN {right_sql}", a + b
        keep = a if kind in ("SEMI", "ANTI") else a + b
        if using:
            names = [name.name if isinstance(name, exp.Expr) else str(name) for name in using]
            condition, merged = self._using(join, kind, names, left, right, a, b)
            return f"{left_sql} {kind} JOIN {right_sql} ON {condition}", merged
        if on is None:
            raise self.problems.error(join, f"{kind} JOIN needs ON or USING.", remedy="Add the condition.")
        env = Env(Scope(left + right), clause="ON", windows=False)
        typed = self.expressions(ctes).compile(on, env)
        return f"{left_sql} {kind} JOIN {right_sql} ON {self._condition(on, typed, 'ON')}", keep

    def _using(
        self,
        join: exp.Expr,
        kind: str,
        names: list[str],
        left: tuple[Field, ...],
        right: tuple[Field, ...],
        a: tuple[Field, ...],
        b: tuple[Field, ...],
    ) -> tuple[str, tuple[Field, ...]]:
        """USING: each key is one column in front, its sides stay reachable with their qualifiers."""
        conditions, keys = [], []
        hidden: dict[str, None] = {}
        try:
            for name in names:
                x, y = Scope(left).resolve(name), Scope(right).resolve(name)
                sides = [Typed(f.sql, f.type, f.nullable, f.name) for f in (x, y)]
                p, q = coerce.comparable(*sides)
                conditions.append(f"({p} = {q})")
                hidden |= {x.sql: None, y.sql: None}
                if kind == "FULL":
                    type = coerce.common(sides)
                    sql = f"COALESCE({coerce.to(sides[0], type)}, {coerce.to(sides[1], type)})"
                    lineage = tuple(dict.fromkeys(x.lineage + y.lineage))
                    keys.append(Field(x.name, sql, type, x.nullable and y.nullable, "", lineage))
                else:
                    side = y if kind == "RIGHT" else x
                    keys.append(replace(side, qualifier="", name=x.name if kind != "RIGHT" else y.name))
        except Refusal as refusal:
            raise self.problems.error(join, refusal.what, remedy=refusal.remedy) from None
        rest = a if kind in ("SEMI", "ANTI") else a + b
        # Behind USING, `t.*` begins with the keys, too, with the side's own values.
        own = sorted((f for f in rest if f.sql in hidden), key=lambda f: list(hidden).index(f.sql))
        fields = (*(replace(f, hidden=True) for f in own), *(f for f in rest if f.sql not in hidden))
        return " AND ".join(conditions), tuple(keys) + fields


def _join_kind(join: exp.Expr) -> str:
    side, kind = str(join.args.get("side") or "").upper(), str(join.args.get("kind") or "").upper()
    if kind in ("SEMI", "ANTI", "CROSS"):
        return kind
    return side or "INNER"


def _shared(left: tuple[Field, ...], right: tuple[Field, ...]) -> list[str]:
    """The names that both sides of a NATURAL JOIN have, in the order of the left one."""
    names = {field.name.lower() for field in right if not field.hidden}
    return [field.name for field in left if not field.hidden and field.name.lower() in names]
