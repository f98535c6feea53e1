"""Queries: FROM, joins, grouping, set operations and WITH, with Spark's names and types."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from . import coerce
from .catalogue.operators import boolean
from .expression import Env, Expressions, direction
from .problems import Problems
from .refusal import Refusal
from .scope import Field, Scope
from .typed import Origin, Typed, quote
from .types import DOUBLE, FLOAT, Array, Map, Schema, SparkType, Struct


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


class Queries:
    """Compiles the queries of one text over the schemas of its inputs."""

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
            relation = self.query(node, ctes, scope)
            return relation.sql, [
                Typed("", o.type, o.nullable, o.key, lineage=o.lineage) for o in relation.outputs
            ]

        return Expressions(self.problems, now=self.now, parameters=self.parameters, nested=nested)

    def query(self, node: exp.Expr, ctes: Ctes, outer: Scope | None, *, final: bool = False) -> Relation:
        """A SELECT, a set operation, or either in brackets, with its WITH, ORDER BY and LIMIT."""
        with_ = node.args.get("with_")
        definitions = []
        for cte in with_.expressions if isinstance(with_, exp.With) else []:
            inner = self.query(cte.this, ctes, None)
            name = self.fresh(cte.alias)
            outputs = self._renamed(cte, cte.args["alias"], inner.outputs)
            definitions.append(f"{quote(name)} AS ({inner.sql})")
            ctes = {**ctes, cte.alias.lower(): (name, outputs)}
        if isinstance(node, exp.Select):
            relation = self._select(node, ctes, outer, final=final)
        elif isinstance(node, exp.SetOperation):
            relation = self._tail(node, self._set_operation(node, ctes, outer))
        elif isinstance(node, exp.Subquery):
            relation = self._tail(node, self.query(node.this, ctes, outer, final=final))
        else:
            raise self.problems.error(node, "This is not a SELECT.")
        if definitions:
            relation = replace(relation, sql=f"WITH {', '.join(definitions)} {relation.sql}")
        return relation

    def _renamed(
        self, at: exp.Expr, alias: exp.Expr | None, outputs: tuple[Output, ...]
    ) -> tuple[Output, ...]:
        names = alias.args.get("columns") if alias is not None else None
        if not names:
            return outputs
        if len(names) != len(outputs):
            raise self.problems.error(at, f"{len(names)} names are given to {len(outputs)} columns.")
        return tuple(replace(output, name=name.name) for output, name in zip(outputs, names, strict=True))

    # FROM

    def _source(self, node: exp.Expr, ctes: Ctes, outer: Scope | None) -> tuple[str, tuple[Field, ...]]:
        alias = node.args.get("alias")
        if isinstance(node, exp.Table):
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
            if kind in ("RIGHT", "FULL") and crossed:
                raise self.problems.error(
                    join,
                    f"{kind} JOIN behind a comma or CROSS JOIN is not in the SQL catalogue.",
                    remedy="Put the other tables into a subquery.",
                )
            crossed = crossed or kind == "CROSS"
            sql, fields = self._join(join, kind, sql, fields, right_sql, right, ctes, outer)
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
        outer: Scope | None,
    ) -> tuple[str, tuple[Field, ...]]:
        on, using = join.args.get("on"), join.args.get("using")
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
        env = Env(Scope(left + right, outer), clause="ON", windows=False)
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
        hidden: set[str] = set()
        try:
            for name in names:
                x, y = Scope(left).resolve(name), Scope(right).resolve(name)
                sides = [Typed(f.sql, f.type, f.nullable, f.name) for f in (x, y)]
                p, q = coerce.comparable(*sides)
                conditions.append(f"({p} = {q})")
                hidden |= {x.sql, y.sql}
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
        fields = tuple(replace(f, hidden=True) if f.sql in hidden else f for f in rest)
        return " AND ".join(conditions), tuple(keys) + fields

    def _condition(self, at: exp.Expr, typed: Typed, clause: str) -> str:
        try:
            return boolean(typed, clause)
        except Refusal as refusal:
            raise self.problems.error(at, refusal.what, remedy=refusal.remedy) from None

    # SELECT

    def _select(self, node: exp.Select, ctes: Ctes, outer: Scope | None, *, final: bool) -> Relation:
        expressions = self.expressions(ctes)
        from_sql, fields = self._from(node, ctes, outer)
        scope = Scope(fields, outer)
        where = self._clause(
            node.args.get("where"), expressions, Env(scope, clause="WHERE", windows=False), "WHERE"
        )
        group = node.args.get("group")
        keys = self._group_keys(node, group, expressions, scope) if group is not None else {}
        items = self._items(node, expressions, scope, keys)
        having_node, qualify_node = node.args.get("having"), node.args.get("qualify")
        aliases = _aliases(items)
        late = Env(scope, aliases=aliases, keys=keys)
        having = None
        if having_node is not None:
            env = replace(late, windows=False, aliases_unless_key=True)
            having = expressions.compile(having_node.this, env)
        qualify = None
        if qualify_node is not None:
            qualify = expressions.compile(qualify_node.this, late)
            self._unambiguous(qualify_node.this, scope, aliases)
        orders = self._orders(node, expressions, replace(late, aliases_first=True), items)
        grouped = group is not None or any(
            t.aggregate
            for t in [
                *(t for _, t, _ in items),
                *filter(None, (having, qualify)),
                *(t for _, t, _, _ in orders),
            ]
        )
        if having is not None and not grouped:
            raise self.problems.error(
                having_node, "HAVING without GROUP BY or an aggregate.", remedy="Use WHERE."
            )
        if grouped:
            for at, typed, _ in items:
                self._no_loose(at, typed)
            for clause, condition in ((having_node, having), (qualify_node, qualify)):
                if condition is not None:
                    self._no_loose(clause, condition)
            for at, typed, _, _ in orders:
                self._no_loose(at, typed)
        distinct = node.args.get("distinct") is not None
        outputs, columns = self._outputs(items, distinct=distinct, final=final)
        parts = [f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(columns)}"]
        if from_sql:
            parts.append(f"FROM {from_sql}")
        if where is not None:
            parts.append(f"WHERE {where}")
        if keys:
            parts.append(f"GROUP BY {', '.join(keys.values())}")
        elif group is not None:
            parts.append("GROUP BY ()")
        if having_node is not None and having is not None:
            parts.append(f"HAVING {self._condition(having_node.this, having, 'HAVING')}")
        if qualify_node is not None and qualify is not None:
            parts.append(f"QUALIFY {self._condition(qualify_node.this, qualify, 'QUALIFY')}")
        if orders:
            for at, _, position, _ in orders:
                if distinct and position is None:
                    raise self.problems.error(
                        at,
                        "ORDER BY of SELECT DISTINCT names a column that is not selected.",
                        remedy="Select it, or order by a selected column.",
                    )
            parts.append(
                "ORDER BY "
                + ", ".join(f"{position or typed.sql} {how}" for _, typed, position, how in orders)
            )
        parts += _limit(node)
        return Relation(" ".join(parts), outputs)

    def _clause(self, clause: exp.Expr | None, expressions: Expressions, env: Env, word: str) -> str | None:
        if clause is None:
            return None
        return self._condition(clause.this, expressions.compile(clause.this, env), word)

    def _no_loose(self, at: exp.Expr | None, typed: Typed) -> None:
        if typed.loose:
            name = sorted(typed.loose)[0]
            raise self.problems.error(
                at,
                f"The column {name} is neither grouped nor aggregated.",
                remedy=f"Add {name} to GROUP BY, or put it into an aggregate.",
            )

    def _group_keys(
        self, node: exp.Select, group: exp.Expr, expressions: Expressions, scope: Scope
    ) -> dict[str, str]:
        env = Env(scope, clause="GROUP BY", windows=False)
        if group.args.get("all"):
            items = self._items(node, expressions, scope, {})
            plain = [(at, typed) for at, typed, _ in items if not typed.aggregate and not typed.window]
            return {typed.sql: self._group_key(at, typed) for at, typed in plain if not typed.is_literal}
        keys = {}
        for item in group.expressions:
            at = item
            if isinstance(item, exp.Literal) and not item.is_string and str(item.this).isdigit():
                at = self._item_at(node, item, int(item.this))
            elif (
                isinstance(item, exp.Column)
                and not item.table
                and scope.find(item.name) is None
                and (found := _by_alias(node, item.name)) is not None
            ):
                at = found
            typed = expressions.compile(at, env)
            if typed.is_literal:
                raise self.problems.error(
                    item, f"GROUP BY of the literal {typed.name}.", remedy="Leave it out."
                )
            keys[typed.sql] = self._group_key(item, typed)
        return keys

    def _group_key(self, at: exp.Expr, typed: Typed) -> str:
        if isinstance(typed.type, Array | Map | Struct):
            raise self.problems.error(
                at, f"{typed.name} is {typed.type}: it cannot be grouped.", remedy="Use its parts."
            )
        return _normal(typed)

    def _item_at(self, node: exp.Select, item: exp.Expr, position: int) -> exp.Expr:
        if not 1 <= position <= len(node.expressions) or any(n.is_star for n in node.expressions[:position]):
            raise self.problems.error(item, f"There is no column {position} in the SELECT list.")
        found: exp.Expr = node.expressions[position - 1]
        inner: exp.Expr = found.this if isinstance(found, exp.Alias) else found
        return inner

    def _items(
        self, node: exp.Select, expressions: Expressions, scope: Scope, keys: Mapping[str, str]
    ) -> list[tuple[exp.Expr, Typed, str]]:
        """The select list with stars expanded: node, compiled expression, name."""
        items: list[tuple[exp.Expr, Typed, str]] = []
        for item in node.expressions:
            if item.is_star and not isinstance(item, exp.Anonymous):
                for field in self._star(item, scope):
                    typed = Typed(
                        field.sql,
                        field.type,
                        field.nullable,
                        field.name,
                        field.lineage,
                        frozenset((field.name,)),
                        column=field.name,
                    )
                    if typed.sql in keys:
                        typed = replace(typed, sql=keys[typed.sql], loose=frozenset())
                    items.append((item, typed, field.name))
                continue
            env = Env(scope, aliases=_aliases(items), keys=keys)
            if isinstance(item, exp.Alias):
                items.append((item, expressions.compile(item.this, env), item.alias))
            else:
                typed = expressions.compile(item, env)
                items.append((item, typed, typed.column or typed.name))
        return items

    def _star(self, item: exp.Expr, scope: Scope) -> list[Field]:
        star = item.this if isinstance(item, exp.Column) else item
        qualifier = item.table.lower() if isinstance(item, exp.Column) else ""
        if qualifier:
            fields = [f for f in scope.fields if f.qualifier == qualifier]
        else:
            fields = [f for f in scope.fields if not f.hidden]
        if not fields:
            what = f"There is no table or alias {qualifier} here." if qualifier else "SELECT * without FROM."
            raise self.problems.error(item, what)
        for left_out in star.args.get("except_") or []:
            name = left_out.name
            kept = [f for f in fields if f.name.lower() != name.lower()]
            if len(kept) == len(fields):
                raise self.problems.error(item, f"EXCEPT names {name}, which is not a column here.")
            fields = kept
        return fields

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

    def _unambiguous(self, node: exp.Expr, scope: Scope, aliases: Mapping[str, tuple[Typed, ...]]) -> None:
        for column in node.find_all(exp.Column):
            if column.table or column.find_ancestor(exp.Anonymous) is not None or column.is_star:
                continue
            alias = aliases.get(column.name.lower())
            field = scope.find(column.name)
            if (
                alias
                and field
                and not field.outer
                and alias[0].sql != field.sql
                and alias[0].column != field.name
            ):
                raise self.problems.error(
                    column,
                    f"{column.name} is a column and another column's alias.",
                    remedy="Give the alias another name.",
                )

    def _outputs(
        self, items: list[tuple[exp.Expr, Typed, str]], *, distinct: bool, final: bool
    ) -> tuple[tuple[Output, ...], list[str]]:
        outputs: list[Output] = []
        columns: list[str] = []
        taken: set[str] = set()
        for at, typed, name in items:
            key, number = name, 2
            while key.lower() in taken:
                key, number = f"{name}_{number}", number + 1
            if key != name and final:
                raise self.problems.error(at, f"Two columns are called {name}.", remedy="Give one an alias.")
            taken.add(key.lower())
            if distinct and isinstance(typed.type, Map):
                raise self.problems.error(at, f"{name} is {typed.type}: DISTINCT cannot compare it.")
            outputs.append(Output(name, key, typed.type, typed.nullable, typed.lineage))
            columns.append(f"{_normal(typed) if distinct else typed.sql} AS {quote(key)}")
        return tuple(outputs), columns

    # set operations

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
        normal = distinct or word != "UNION"
        sides = [self._side(relation, outputs, normal=normal) for relation in (left, right)]
        return Relation(f"{sides[0]} {word}{'' if distinct else ' ALL'} {sides[1]}", tuple(outputs))

    def _side(self, relation: Relation, outputs: list[Output], *, normal: bool) -> str:
        columns = []
        for own, wanted in zip(relation.outputs, outputs, strict=True):
            typed = Typed(quote(own.key), own.type, own.nullable, own.name)
            typed = typed.with_sql(coerce.to(typed, wanted.type), wanted.type)
            columns.append(f"{_normal(typed) if normal else typed.sql} AS {quote(wanted.key)}")
        if all(
            column == f"{quote(own.key)} AS {quote(own.key)}"
            for column, own in zip(columns, relation.outputs, strict=True)
        ):
            return f"({relation.sql})"
        return f"(SELECT {', '.join(columns)} FROM ({relation.sql}))"

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
        parts = [f"SELECT * FROM ({relation.sql})", *([f"ORDER BY {by}"] if by else []), *_limit(node)]
        return replace(relation, sql=" ".join(parts))


def _normal(typed: Typed) -> str:
    """A value as a key of a group: -0.0 counts as 0.0, as Spark normalizes it."""
    return f"({typed.sql} + 0.0)" if typed.type in (DOUBLE, FLOAT) else typed.sql


def _aliases(items: list[tuple[exp.Expr, Typed, str]]) -> dict[str, tuple[Typed, ...]]:
    found: dict[str, tuple[Typed, ...]] = {}
    for at, typed, name in items:
        if isinstance(at, exp.Alias) or typed.column:
            found[name.lower()] = (*found.get(name.lower(), ()), typed)
    return found


def _by_alias(node: exp.Select, name: str) -> exp.Expr | None:
    found = [
        item.this
        for item in node.expressions
        if isinstance(item, exp.Alias) and item.alias.lower() == name.lower()
    ]
    return found[0] if len(found) == 1 else None


def _join_kind(join: exp.Expr) -> str:
    side, kind = str(join.args.get("side") or "").upper(), str(join.args.get("kind") or "").upper()
    if kind in ("SEMI", "ANTI", "CROSS"):
        return kind
    return side or "INNER"


def _limit(node: exp.Expr) -> list[str]:
    parts = []
    for key, word in (("limit", "LIMIT"), ("offset", "OFFSET")):
        if (clause := node.args.get(key)) is not None:
            parts.append(f"{word} {int(clause.expression.this)}")
    return parts
