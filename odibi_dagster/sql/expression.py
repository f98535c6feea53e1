"""Expressions, bottom up: each node becomes DuckDB text with Spark's type, name and origin."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from . import access, coerce
from .catalogue import FUNCTIONS, OPERATORS
from .catalogue.casts import cast
from .catalogue.conditionals import case
from .catalogue.entry import Body, Call, Lambda
from .frames import default_frame, direction, frame_text, normal_key
from .grammar import CASTABLE
from .literals import timestamp_literal
from .numerals import number, typed_literal
from .problems import Problems
from .refusal import Refusal
from .scope import Scope
from .typed import NOTHING, Typed, combine, quote, text
from .types import (
    BOOLEAN,
    STRING,
    TIMESTAMP,
    VOID,
    Decimal,
    SparkType,
    parse_type,
)


@dataclass(frozen=True)
class Env:
    """What an expression may see.

    Args:
        scope: the columns of FROM.
        aliases: select items by lower-case alias, for lateral use, HAVING and ORDER BY.
        keys: DuckDB text of the grouping keys and how each is written after grouping.
        aliases_first: whether an alias wins over a column (ORDER BY).
        aliases_unless_key: whether an alias wins over a column that is no grouping key (HAVING).
        clause: the clause's name where aggregates (and windows) are not allowed, else ''.
        windows: whether window functions are allowed.
        variables: the lambdas' variables in sight, by lower-case name; they hide columns.
    """

    scope: Scope
    aliases: Mapping[str, tuple[Typed, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    aliases_first: bool = False
    aliases_unless_key: bool = False
    clause: str = ""
    windows: bool = True
    variables: Mapping[str, Typed] = field(default_factory=dict)


# Compiles a nested query: (query, scope around it) -> DuckDB text and typed columns.
Nested = Callable[[exp.Expr, Scope], tuple[str, list[Typed]]]


class Expressions:
    """Compiles expressions of one query text.

    Args:
        problems: makes errors with their place.
        now: the aware instant of this write.
        parameters: values for `:partition_key` (str), `:partition_start`, `:partition_end` (aware datetimes).
        nested: compiles subqueries; None where there can be none.
    """

    def __init__(
        self,
        problems: Problems,
        *,
        now: datetime.datetime | None,
        parameters: Mapping[str, object],
        nested: Nested | None = None,
    ) -> None:
        self.problems, self.now, self.parameters, self.nested = problems, now, parameters, nested

    def compile(self, node: exp.Expr, env: Env) -> Typed:
        """The compiled expression.

        Raises:
            SqlError: an unknown column, types that do not fit, a meaning that cannot be kept.
        """
        try:
            typed = self._dispatch(node, env)
        except Refusal as refusal:
            raise self.problems.error(node, refusal.what, remedy=refusal.remedy) from None
        if typed.sql in env.keys and not typed.aggregate:
            return replace(typed, sql=env.keys[typed.sql], loose=frozenset())
        return typed

    def _dispatch(self, node: exp.Expr, env: Env) -> Typed:
        special = _SPECIAL.get(type(node))
        if special is not None:
            return special(self, node, env)
        entry = OPERATORS.get(type(node))
        if entry is None:
            raise Refusal(f"{type(node).__name__} is not in the SQL catalogue.")
        args = [self.compile(node.this, env), self.compile(node.expression, env)]
        return entry.emit(Call(entry.name, args, node))

    def _one(self, node: exp.Expr, env: Env) -> Typed:
        entry = OPERATORS[type(node)]
        return entry.emit(Call(entry.name, [self.compile(node.this, env)], node))

    def _paren(self, node: exp.Expr, env: Env) -> Typed:
        return self.compile(node.this, env)

    def _column(self, node: exp.Expr, env: Env) -> Typed:
        assert isinstance(node, exp.Column)
        name, qualifier = node.name, node.table
        if node.db or (qualifier and env.scope.find(name, qualifier) is None):
            base = self._struct_of(node, env)
            if base is not None:
                return replace(access.field(base, name), column=name)
        if not qualifier and (variable := env.variables.get(name.lower())):
            return variable
        found = None if qualifier else env.aliases.get(name.lower())
        own = env.scope.find(name, qualifier) if not (found and env.aliases_first) else None
        if own is not None and found and (own.outer or (env.aliases_unless_key and own.sql not in env.keys)):
            own = None
        if own is None and found:
            if len(found) > 1:
                raise Refusal(f"The alias {name} is ambiguous.", "Give each column its own name.")
            self._allowed(found[0], env)
            return replace(found[0], name=name, column=name)
        column = own or env.scope.resolve(name, qualifier, list(env.aliases))
        return Typed(
            sql=column.sql,
            type=column.type,
            nullable=column.nullable,
            name=name,
            lineage=column.lineage,
            loose=frozenset() if column.outer else frozenset((name,)),
            column=name,
        )

    def _struct_of(self, node: exp.Column, env: Env) -> Typed | None:
        """What stands in front of the last point, where that is a column or a variable and no table."""
        name, qualifier = node.table, node.db
        if qualifier and env.scope.find(name, qualifier) is None:
            inner = self._struct_of(exp.Column(this=node.args["table"], table=node.args["db"]), env)
            return access.field(inner, name) if inner is not None else None
        low = name.lower()
        known = low in env.variables or low in env.aliases or env.scope.find(name) is not None
        if not qualifier and not known:
            return None
        return self._column(exp.Column(this=node.args["table"], table=node.args.get("db")), env)

    def _variable(self, node: exp.Expr, env: Env) -> Typed:
        variable = env.variables.get(node.name.lower())
        if variable is None:
            raise Refusal(f"{node.name} is not a variable of a lambda here.")
        return variable

    def _field(self, node: exp.Expr, env: Env) -> Typed:
        name = node.expression
        if not isinstance(name, exp.Identifier):
            raise Refusal("Only a field's name stands behind a point.")
        return replace(access.field(self.compile(node.this, env), name.name), column=name.name)

    def _item(self, node: exp.Expr, env: Env) -> Typed:
        if len(node.expressions) != 1:
            raise Refusal("One index stands in [ ].")
        return access.item(self.compile(node.this, env), self.compile(node.expressions[0], env))

    def _lambda(self, node: exp.Expr, env: Env) -> Lambda:
        def compiled(types: Sequence[tuple[SparkType, bool]]) -> Body:
            names = [variable.name for variable in node.expressions]
            if len(names) != len(types) or len({name.lower() for name in names}) != len(names):
                raise Refusal(f"A lambda with the variables {', '.join(names)} does not fit here.")
            first = len(env.variables)
            variables = {
                name.lower(): Typed(f"spark_v{first + at}", type, nullable, _VARIABLE)
                for at, (name, (type, nullable)) in enumerate(zip(names, types, strict=True))
            }
            # Inner variables hide outer ones of their name; a number keeps each DuckDB name its own.
            hidden = {f"\0{first + at}": env.variables[low] for at, low in enumerate(variables)
                      if low in env.variables}  # fmt: skip
            inner = replace(env, variables={**env.variables, **hidden, **variables}, windows=False)
            body = self.compile(node.this, replace(inner, clause=env.clause or "A lambda"))
            sql = f"lambda {', '.join(variable.sql for variable in variables.values())}: {body.sql}"
            shown = f"lambdafunction({', '.join([body.name, *[_VARIABLE] * len(names)])})"
            return Body(sql, replace(body, name=shown))

        return compiled

    def _allowed(self, typed: Typed, env: Env) -> None:
        if env.clause and typed.aggregate:
            raise Refusal(
                f"{env.clause} cannot use the aggregate {typed.name}.", "Use HAVING, or a subquery."
            )
        if typed.window and not env.windows:
            raise Refusal(
                f"{env.clause or 'This clause'} cannot use the window function {typed.name}.",
                "Compute it in a subquery or WITH, or use QUALIFY.",
            )

    def _literal(self, node: exp.Expr, env: Env) -> Typed:
        assert isinstance(node, exp.Literal)
        value = str(node.this)
        if node.is_string:
            return Typed(text(value), STRING, False, value, literal=value)
        return number(value)

    def _boolean(self, node: exp.Expr, env: Env) -> Typed:
        word = "true" if node.this else "false"
        return Typed(word, BOOLEAN, False, word, literal=bool(node.this))

    def _null(self, node: exp.Expr, env: Env) -> Typed:
        return Typed("NULL", VOID, True, "NULL", literal=None)

    def _placeholder(self, node: exp.Expr, env: Env) -> Typed:
        name = node.name
        value = self.parameters.get(name)
        if name == "partition_key" and isinstance(value, str):
            return Typed(text(value), STRING, False, name, literal=value)
        if name != "partition_key" and isinstance(value, datetime.datetime) and value.tzinfo:
            return Typed(coerce.instant(value), TIMESTAMP, False, name)
        if name != "partition_key" and isinstance(value, str):
            return Typed(timestamp_literal(value), TIMESTAMP, False, name)
        raise Refusal(
            f"The parameter :{name} has no value.", "Run the table with a partition: it has `partitions`."
        )

    def _cast(self, node: exp.Expr, env: Env) -> Typed:
        assert isinstance(node, exp.Cast)
        if literal := typed_literal(node):
            return literal
        entry = OPERATORS[type(node)]
        type_ = self._type(node.args["to"])
        typed = cast(
            Call(entry.name, [self.compile(node.this, env)], node), type_, forgiving=type(node) is exp.TryCast
        )
        inner = node.this
        if isinstance(inner, exp.Column):
            # Spark names a cast column after the column.
            return replace(typed, column=inner.name)
        return typed

    def _type(self, node: exp.Expr) -> SparkType:
        assert isinstance(node, exp.DataType)
        if node.this == exp.DType.DECIMAL:
            digits = [int(param.name) for param in node.expressions]
            try:
                return Decimal(*digits)
            except ValueError as error:
                raise Refusal(str(error)) from None
        return parse_type(CASTABLE[node.this])

    def _case(self, node: exp.Expr, env: Env) -> Typed:
        subject = node.args.get("this")
        args: list[Typed] = []
        for arm in node.args["ifs"]:
            if subject is None:
                condition = self.compile(arm.this, env)
            else:
                sides = [self.compile(subject, env), self.compile(arm.this, env)]
                condition = OPERATORS[exp.EQ].emit(Call("=", sides, arm))
            args += [condition, self.compile(arm.args["true"], env)]
        if node.args.get("default") is not None:
            args.append(self.compile(node.args["default"], env))
        return case(Call("CASE", args, node))

    def _if(self, node: exp.Expr, env: Env) -> Typed:
        parts = [node.this, node.args["true"], node.args.get("false") or exp.Null()]
        return OPERATORS[exp.If].emit(Call("if", [self.compile(part, env) for part in parts], node))

    def _between(self, node: exp.Expr, env: Env) -> Typed:
        parts = [node.this, node.args["low"], node.args["high"]]
        return OPERATORS[exp.Between].emit(Call("BETWEEN", [self.compile(part, env) for part in parts], node))

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

    def _function(self, node: exp.Expr, env: Env) -> Typed:
        return self._call(node, env)

    def _now(self, node: exp.Expr, env: Env) -> Typed:
        name = "current_timestamp" if isinstance(node, exp.CurrentTimestamp) else "current_date"
        return FUNCTIONS[name].emit(Call(name, [], node, now=self._instant()))

    def _instant(self) -> datetime.datetime:
        if self.now is None:
            raise Refusal("There is no current time here.", "Compare with a column instead.")
        return self.now

    def _call(
        self,
        node: exp.Expr,
        env: Env,
        where: exp.Expr | None = None,
        over: str | None = None,
        ordered: bool = False,
    ) -> Typed:
        within = None
        if isinstance(node, exp.WithinGroup):
            node, within = node.this, node.expression
        name = str(node.this).lower()
        entry = FUNCTIONS[name]
        if entry.kind == "aggregate" and over is None and env.clause:
            raise Refusal(
                f"{env.clause} cannot use the aggregate {name}.", "Use HAVING, or compute it in a subquery."
            )
        args, distinct, star = node.expressions, False, False
        if len(args) == 1 and isinstance(args[0], exp.Distinct):
            args, distinct = args[0].expressions, True
        if len(args) == 1 and isinstance(args[0], exp.Star):
            args, star = [], True
        inner = env
        if entry.kind == "aggregate" and over is None:
            # Inside of an aggregate a name is a column of FROM, and grouping keys are plain columns again.
            inner = Env(
                env.scope,
                windows=False,
                clause="An aggregate",
            )
        call = Call(
            name=name,
            args=[self._argument(arg, inner) for arg in args if not isinstance(arg, exp.Lambda)],
            lambdas=tuple(self._lambda(arg, inner) for arg in args if isinstance(arg, exp.Lambda)),
            within=tuple(
                (self.compile(item.this, inner), item) for item in (within.expressions if within else [])
            ),
            node=node,
            distinct=distinct,
            star=star,
            where=self.compile(where, replace(inner, clause="FILTER")) if where is not None else None,
            over=over,
            ordered=ordered,
            now=self._instant() if name in _CLOCKS else None,
        )
        if call.where is not None and call.where.type != BOOLEAN:
            raise Refusal(f"FILTER needs a boolean, and {call.where.name} is {call.where.type}.")
        return entry.emit(call)

    def _argument(self, node: exp.Expr, env: Env) -> Typed:
        if isinstance(node, exp.Alias) and node.parent is not None and node.parent.name.lower() == "struct":
            typed = self.compile(node.this, env)
            return replace(typed, name=f"{typed.name} AS {node.alias}", column=node.alias)
        return self.compile(node, env)

    def _filter(self, node: exp.Expr, env: Env) -> Typed:
        return self._call(node.this, env, where=node.expression.this)

    def _window(self, node: exp.Expr, env: Env) -> Typed:
        if not env.windows:
            raise Refusal(
                f"{env.clause or 'This clause'} cannot use a window function.",
                "Compute it in a subquery or WITH, or use QUALIFY.",
            )
        inner = replace(env, windows=False)
        call, where = node.this, None
        if isinstance(call, exp.Filter):
            call, where = call.this, call.expression.this
        keys = [self.compile(key, inner) for key in node.args.get("partition_by") or []]
        order_node = node.args.get("order")
        orders = [
            (self.compile(item.this, inner), item) for item in (order_node.expressions if order_node else [])
        ]
        parts, names = [], []
        if keys:
            for key in keys:
                self._orderable(key)
            parts.append("PARTITION BY " + ", ".join(normal_key(key) for key in keys))
            names.append("PARTITION BY " + ", ".join(key.name for key in keys))
        if orders:
            for key, _ in orders:
                self._orderable(key)
            parts.append("ORDER BY " + ", ".join(f"{key.sql} {direction(item)}" for key, item in orders))
            names.append("ORDER BY " + ", ".join(f"{key.name} {direction(item)}" for key, item in orders))
        frame = frame_text(node.args.get("spec"))
        if (
            frame
            and not orders
            and "CURRENT ROW" in frame.replace("BETWEEN", "")
            and frame.startswith("RANGE")
        ):
            raise Refusal("A RANGE frame needs an ORDER BY.")
        over = f"({' '.join([*parts, *([frame] if frame else [])])})"
        typed = self._call(call, inner, where=where, over=over, ordered=bool(orders))
        called = call.this if isinstance(call, exp.WithinGroup) else call
        shown = frame or default_frame(called.name.lower(), bool(orders))
        result = combine(
            typed.sql,
            typed.type,
            f"{typed.name} OVER ({' '.join([*names, shown])})",
            typed,
            *keys,
            *(key for key, _ in orders),
            nullable=typed.nullable,
        )
        return replace(result, window=True)

    def _orderable(self, key: Typed) -> None:
        if type(key.type) is not Decimal and str(key.type).split("<")[0] in ("array", "map", "struct"):
            raise Refusal(f"{key.name} is {key.type}: it cannot be a key.", "Use its parts.")


_VARIABLE = "namedlambdavariable()"
_CLOCKS = ("current_timestamp", "now", "current_date", "curdate")
_SPECIAL: dict[type, Callable[[Expressions, exp.Expr, Env], Typed]] = {
    exp.Column: Expressions._column,
    exp.Literal: Expressions._literal,
    exp.Boolean: Expressions._boolean,
    exp.Null: Expressions._null,
    exp.Placeholder: Expressions._placeholder,
    exp.Paren: Expressions._paren,
    exp.Cast: Expressions._cast,
    exp.TryCast: Expressions._cast,
    exp.Case: Expressions._case,
    exp.If: Expressions._if,
    exp.Between: Expressions._between,
    exp.In: Expressions._in,
    exp.Exists: Expressions._exists,
    exp.Select: Expressions._scalar,
    exp.Subquery: Expressions._scalar,
    exp.Anonymous: Expressions._function,
    exp.CurrentTimestamp: Expressions._now,
    exp.CurrentDate: Expressions._now,
    exp.Filter: Expressions._filter,
    exp.WithinGroup: Expressions._function,
    exp.Identifier: Expressions._variable,
    exp.Dot: Expressions._field,
    exp.Bracket: Expressions._item,
    exp.Window: Expressions._window,
    exp.Not: Expressions._one,
    exp.Neg: Expressions._one,
}
