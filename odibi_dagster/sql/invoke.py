"""Calls of functions, with FILTER, WITHIN GROUP and OVER."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace

from sqlglot import exp

from .catalogue import FUNCTIONS
from .catalogue.entry import Call
from .env import Env
from .names import Names
from .refusal import Refusal
from .typed import Typed
from .types import BOOLEAN

_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_CLOCKS = ("current_timestamp", "now", "current_date", "curdate")


class Calls(Names):
    """Compiles calls.

    Attributes:
        now: the aware instant of this write.
    """

    now: datetime.datetime | None

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
        within, ignore_nulls = None, isinstance(node, exp.IgnoreNulls)
        if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
            node = node.this
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
            ignore_nulls=ignore_nulls,
            grouping=env.grouping,
            now=self._instant() if name in _CLOCKS else None,
        )
        if call.where is not None and call.where.type != BOOLEAN:
            raise Refusal(f"FILTER needs a boolean, and {call.where.name} is {call.where.type}.")
        return entry.emit(call)

    def _argument(self, node: exp.Expr, env: Env) -> Typed:
        if isinstance(node, exp.Alias) and node.parent is not None and node.parent.name.lower() == "struct":
            typed = self.compile(node.this, env)
            shown = node.alias if _PLAIN.fullmatch(node.alias) else f"`{node.alias}`"
            return replace(typed, name=f"{typed.name} AS {shown}", column=node.alias)
        return self.compile(node, env)

    def _filter(self, node: exp.Expr, env: Env) -> Typed:
        return self._call(node.this, env, where=node.expression.this)
