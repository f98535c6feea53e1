"""SELECT: the list, grouping, ordering, with Spark's names and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from .env import Env
from .expression import Expressions
from .frames import direction
from .relation import Ctes, Output, Relation, normal
from .scope import Field, Scope
from .setops import SetOperations
from .source import FromClause
from .typed import Typed, quote
from .types import Array, Map, Struct


class Queries(FromClause, SetOperations):
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
        return normal(typed)

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
            columns.append(f"{normal(typed) if distinct else typed.sql} AS {quote(key)}")
        return tuple(outputs), columns

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


def _limit(node: exp.Expr) -> list[str]:
    parts = []
    for key, word in (("limit", "LIMIT"), ("offset", "OFFSET")):
        if (clause := node.args.get(key)) is not None:
            parts.append(f"{word} {int(clause.expression.this)}")
    return parts
