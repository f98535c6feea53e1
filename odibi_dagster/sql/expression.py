"""Expressions, bottom up: each node becomes DuckDB text with Spark's type, name and origin."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from . import coerce
from .catalogue import OPERATORS
from .catalogue.casts import cast
from .catalogue.conditionals import case
from .catalogue.entry import Call
from .env import Env, Nested
from .grammar import CASTABLE
from .intervals import shift
from .literals import timestamp_literal
from .numerals import number, suffixed, typed_literal
from .problems import Problems
from .refusal import Refusal
from .subqueries import Subqueries
from .typed import Typed, text
from .types import BOOLEAN, STRING, TIMESTAMP, VOID, Decimal, SparkType, parse_type
from .windowed import Windows


class Expressions(Windows, Subqueries):
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
            nullable = typed.nullable or typed.sql in env.sometimes_null
            return replace(typed, sql=env.keys[typed.sql], loose=frozenset(), nullable=nullable)
        return typed

    def _dispatch(self, node: exp.Expr, env: Env) -> Typed:
        special = _SPECIAL.get(type(node))
        if special is not None:
            return special(self, node, env)
        entry = OPERATORS.get(type(node))
        if entry is None:
            raise Refusal(f"{type(node).__name__} is not in the SQL catalogue.")
        if isinstance(node.expression, exp.Interval):
            return shift(self.compile(node.this, env), node.expression, entry.name)
        if isinstance(node.this, exp.Interval) and isinstance(node, exp.Add):
            return shift(self.compile(node.expression, env), node.this, entry.name)
        args = [self.compile(node.this, env), self.compile(node.expression, env)]
        return entry.emit(Call(entry.name, args, node))

    def _one(self, node: exp.Expr, env: Env) -> Typed:
        entry = OPERATORS[type(node)]
        return entry.emit(Call(entry.name, [self.compile(node.this, env)], node))

    def _paren(self, node: exp.Expr, env: Env) -> Typed:
        return self.compile(node.this, env)

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
        shown = suffixed(node)
        entry = OPERATORS[type(node)]
        type_ = self._type(node.args["to"])
        typed = cast(
            Call(entry.name, [self.compile(node.this, env)], node), type_, forgiving=type(node) is exp.TryCast
        )
        inner = node.this
        if shown is not None:
            return replace(typed, name=shown)
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
    exp.BitwiseNot: Expressions._one,
}
