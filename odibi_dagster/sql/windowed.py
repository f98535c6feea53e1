"""OVER: windows, named or not, and their frames."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .env import Env
from .frames import default_frame, direction, frame, normal_key
from .invoke import Calls
from .refusal import Refusal
from .typed import Typed, combine
from .types import Array, Map, Struct


class Windows(Calls):
    """Compiles calls with OVER."""

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
        window = _named(node)
        keys = [self.compile(key, inner) for key in window.args.get("partition_by") or []]
        order = window.args.get("order")
        orders = [(self.compile(item.this, inner), item) for item in (order.expressions if order else [])]
        for key in (*keys, *(key for key, _ in orders)):
            if isinstance(key.type, Array | Map | Struct):
                raise Refusal(f"{key.name} is {key.type}: it cannot be a key.", "Use its parts.")
        parts, names = [], []
        if keys:
            parts.append("PARTITION BY " + ", ".join(normal_key(key) for key in keys))
            names.append("PARTITION BY " + ", ".join(key.name for key in keys))
        if orders:
            parts.append("ORDER BY " + ", ".join(f"{key.sql} {direction(item)}" for key, item in orders))
            names.append("ORDER BY " + ", ".join(f"{key.name} {direction(item)}" for key, item in orders))
        spec = window.args.get("spec")
        if spec is not None:
            written, shown = frame(spec, [key for key, _ in orders])
            parts.append(written)
        else:
            shown = default_frame(call, bool(orders))
        typed = self._call(call, inner, where=where, over=f"({' '.join(parts)})", ordered=bool(orders))
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


def _named(node: exp.Expr) -> exp.Expr:
    """The window that OVER names, or the one that stands there itself.

    Raises:
        Refusal: no WINDOW clause of this SELECT has the name.
    """
    name = node.args.get("alias")
    if name is None:
        return node
    select = node.find_ancestor(exp.Select)
    for window in (select.args.get("windows") or []) if select is not None else []:
        if window.this.name == name.name:  # Spark minds the case here
            if window.args.get("alias") is not None:
                raise Refusal(f"The window {name.name} is made from another one.", "Write it out.")
            found: exp.Expr = window
            return found
    raise Refusal(f"There is no window {name.name} here.", f"Add WINDOW {name.name} AS (…).")
