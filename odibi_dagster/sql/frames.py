"""The parts of an OVER clause."""

from __future__ import annotations

from sqlglot import exp

from .typed import Typed


def normal_key(typed: Typed) -> str:
    return f"({typed.sql} + 0.0)" if str(typed.type) in ("double", "float") else typed.sql


def direction(item: exp.Expr) -> str:
    """ASC or DESC with the place of NULLs; Spark sorts them first when ascending."""
    word = "DESC" if item.args.get("desc") else "ASC"
    return f"{word} NULLS {'FIRST' if item.args.get('nulls_first') else 'LAST'}"


def frame_text(spec: exp.Expr | None) -> str:
    if spec is None:
        return ""

    def end(which: str, default: str) -> str:
        value, side = spec.args.get(which), spec.args.get(f"{which}_side") or default
        if value == "CURRENT ROW" or value is None:
            return "CURRENT ROW"
        number = value if isinstance(value, str) else value.name
        return f"{number} {str(side).upper()}"

    kind = str(spec.args.get("kind")).upper()
    return f"{kind} BETWEEN {end('start', 'PRECEDING')} AND {end('end', 'FOLLOWING')}"


def default_frame(function: str, ordered: bool) -> str:
    if function in ("row_number", "rank", "dense_rank", "ntile"):
        return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    if ordered:
        return "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
