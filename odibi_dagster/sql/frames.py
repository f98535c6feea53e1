"""The parts of an OVER clause."""

from __future__ import annotations

from sqlglot import exp

from .intervals import interval, shown
from .numerals import number
from .refusal import Refusal
from .typed import Typed
from .types import BIGINT, DATE, DOUBLE, INT, TIMESTAMP, TIMESTAMP_NTZ


def normal_key(typed: Typed) -> str:
    return f"({typed.sql} + 0.0)" if str(typed.type) in ("double", "float") else typed.sql


def direction(item: exp.Expr) -> str:
    """ASC or DESC with the place of NULLs; Spark sorts them first when ascending."""
    word = "DESC" if item.args.get("desc") else "ASC"
    return f"{word} NULLS {'FIRST' if item.args.get('nulls_first') else 'LAST'}"


def frame(spec: exp.Expr, orders: list[Typed]) -> tuple[str, str]:
    """A frame in DuckDB's words and as Spark shows it in a column's name.

    Raises:
        Refusal: a RANGE of numbers or days without exactly one key to count from, or whose types do not fit.
    """
    kind = str(spec.args.get("kind")).upper()
    units = {
        interval(value)[1]
        for which in ("start", "end")
        if isinstance(value := spec.args.get(which), exp.Interval)
    }
    if len(units) > 1:
        raise Refusal("A RANGE of two units.", "Use one unit at both ends.")
    ends = [_end(spec, which, kind, orders) for which in ("start", "end")]
    return tuple(f"{kind} BETWEEN {low} AND {high}" for low, high in zip(*ends, strict=True))  # type: ignore[return-value]


def _end(spec: exp.Expr, which: str, kind: str, orders: list[Typed]) -> tuple[str, str]:
    value = spec.args.get(which)
    side = str(spec.args.get(f"{which}_side") or ("PRECEDING" if which == "start" else "FOLLOWING")).upper()
    if value is None or value == "CURRENT ROW":
        if kind == "RANGE" and not orders:
            raise Refusal("A RANGE frame needs an ORDER BY.")
        return "CURRENT ROW", "CURRENT ROW"
    if isinstance(value, str):
        return f"{value} {side}", f"{value} {side}"
    if kind == "ROWS":
        return f"{value.name} {side}", f"{value.name} {side}"
    if len(orders) != 1:
        raise Refusal("A RANGE of numbers or days needs an ORDER BY of one key.")
    written, shown, same = _distance(value, orders[0])
    if not same and side == "PRECEDING":
        return f"{written} {side}", f"(- {shown}) FOLLOWING"
    return f"{written} {side}", f"{shown} {side}"


def _distance(value: exp.Expr, key: Typed) -> tuple[str, str, bool]:
    """How far a RANGE reaches: DuckDB's text, Spark's, and whether its type is the key's already."""
    if isinstance(value, exp.Interval):
        count, unit = interval(value)
        units = (
            ("DAY", "MONTH", "YEAR")
            if key.type == DATE
            else ("DAY", "HOUR", "MINUTE", "SECOND", "MONTH", "YEAR")
        )
        if key.type in (DATE, TIMESTAMP, TIMESTAMP_NTZ) and unit in units:
            return f"INTERVAL {count} {unit}", shown(count, unit), True
        raise Refusal(f"A RANGE of {unit} over {key.type}.", "Order by a timestamp.")
    distance = number(value.name)
    if key.type == DATE and distance.type == INT:
        return f"INTERVAL {distance.literal} DAY", distance.name, True
    if key.type in (INT, BIGINT) and distance.type == INT:
        return distance.sql, distance.name, key.type == INT
    if key.type == DOUBLE and distance.type != DOUBLE:
        return f"CAST({distance.literal} AS DOUBLE)", distance.name, False
    raise Refusal(f"A RANGE of {distance.name} over {key.type}.", "Order by an INT, BIGINT, DOUBLE or DATE.")


def default_frame(call: exp.Expr, ordered: bool) -> str:
    """The frame that Spark shows where none is written."""
    while isinstance(call, exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        call = call.this
    function = call.name.lower()
    if function in ("row_number", "rank", "dense_rank", "ntile", "percent_rank"):
        return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    if function in ("lag", "lead"):
        away = call.expressions[1].sql() if len(call.expressions) > 1 else "1"
        rows = int(away) if function == "lead" else -int(away)
        return f"ROWS BETWEEN {rows} FOLLOWING AND {rows} FOLLOWING"
    if ordered:
        return "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
