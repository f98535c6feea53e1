"""SELECT: the list, grouping, ordering, with Spark's names and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from .env import Env
from .expression import Expressions
from .generate import From, Generators
from .group_by import GroupBy, Keys
from .order_by import OrderBy, limit
from .refusal import Refusal
from .relation import Ctes, Output, Relation, normal
from .scope import Field, Scope
from .setops import SetOperations
from .source import FromClause
from .typed import Typed
from .types import Map, quote


class Queries(OrderBy, FromClause, Generators, GroupBy, SetOperations):
    """Compiles the queries of one text over the schemas of its inputs."""

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

    def _select(self, node: exp.Select, ctes: Ctes, outer: Scope | None, *, final: bool) -> Relation:
        expressions = self.expressions(ctes)
        found = self._lateral_views(node, expressions, From(*self._from(node, ctes, outer)))
        found, made = self._exploded(node, expressions, found)
        # Spark lets a subquery see the query around it in WHERE and HAVING only.
        scope, around = Scope(found.fields), Scope(found.fields, outer)
        where = self._clause(
            node.args.get("where"), expressions, Env(around, clause="WHERE", windows=False), "WHERE"
        )
        group = node.args.get("group")
        keys = self._keys(node, group, expressions, scope) if group is not None else Keys()
        grouping = tuple(keys.written.values()) if keys.sets is not None else None
        late = Env(scope, keys=keys.written, sometimes_null=keys.sometimes_null, grouping=grouping)
        items = self._items(node, expressions, late, made)
        having_node, qualify_node = node.args.get("having"), node.args.get("qualify")
        aliases = _aliases(items)
        late = replace(late, aliases=aliases)
        having = None
        if having_node is not None:
            env = replace(late, scope=around, windows=False, aliases_unless_key=True)
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
        if found.sql:
            parts.append(f"FROM {found.sql}")
        if where is not None:
            parts.append(f"WHERE {where}")
        if group is not None:
            parts.append(f"GROUP BY {keys.clause()}")
        conditions = ["count(*) > 0"] if keys.has_total else []
        if having_node is not None and having is not None:
            conditions.append(self._condition(having_node.this, having, "HAVING"))
        if conditions:
            parts.append(f"HAVING {' AND '.join(conditions)}")
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
        parts += limit(node)
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

    def _items(
        self,
        node: exp.Select,
        expressions: Expressions,
        env: Env,
        made: Mapping[int, tuple[Field, ...]] | None = None,
    ) -> list[tuple[exp.Expr, Typed, str]]:
        """The select list with stars expanded: node, compiled expression, name.

        Args:
            made: the columns of the list's generator, by the `id` of its item.
        """
        items: list[tuple[exp.Expr, Typed, str]] = []
        for item in node.expressions:
            if made and id(item) in made:
                items += [(item, _column(field), field.name) for field in made[id(item)]]
                continue
            if item.is_star and not isinstance(item, exp.Anonymous):
                for field in self._star(item, env.scope):
                    typed = _column(field)
                    if typed.sql in env.keys:
                        nullable = typed.nullable or typed.sql in env.sometimes_null
                        typed = replace(typed, sql=env.keys[typed.sql], loose=frozenset(), nullable=nullable)
                    items.append((item, typed, field.name))
                continue
            here = replace(env, aliases=_aliases(items))
            if isinstance(item, exp.Alias):
                items.append((item, expressions.compile(item.this, here), item.alias))
            else:
                typed = expressions.compile(item, here)
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

    def _unambiguous(self, node: exp.Expr, scope: Scope, aliases: Mapping[str, tuple[Typed, ...]]) -> None:
        for column in node.find_all(exp.Column):
            if column.table or column.find_ancestor(exp.Anonymous) is not None or column.is_star:
                continue
            alias = aliases.get(column.name.lower())
            field = self._find(column, scope) if alias else None
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

    def _find(self, column: exp.Column, scope: Scope) -> Field | None:
        try:
            return scope.find(column.name)
        except Refusal as refusal:
            raise self.problems.error(column, refusal.what, remedy=refusal.remedy) from None

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
            columns.append(f"{normal(typed) if distinct else typed.sql} AS {quote(key)}")
        return tuple(outputs), columns


def _aliases(items: list[tuple[exp.Expr, Typed, str]]) -> dict[str, tuple[Typed, ...]]:
    found: dict[str, tuple[Typed, ...]] = {}
    for at, typed, name in items:
        if isinstance(at, exp.Alias) or typed.column:
            found[name.lower()] = (*found.get(name.lower(), ()), typed)
    return found


def _column(field: Field) -> Typed:
    return Typed(
        field.sql,
        field.type,
        field.nullable,
        field.name,
        field.lineage,
        frozenset((field.name,)),
        column=field.name,
    )
