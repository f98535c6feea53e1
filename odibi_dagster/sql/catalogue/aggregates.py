"""Aggregates, over groups and over windows."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    VOID,
    Array,
    Decimal,
    Map,
    SparkType,
    Struct,
    to_duckdb,
)

from .arithmetic import adjust, quotient
from .entry import Call, Entry
from .operators import boolean


def _finish(call: Call, sql: str, type: SparkType, *, nullable: bool = True) -> Typed:
    inner = ", ".join(arg.name for arg in call.args) if call.args else "1"
    name = f"{call.name}({'DISTINCT ' if call.distinct else ''}{inner})"
    if call.where:
        name += f" FILTER (WHERE {call.where.name})"
    parts = [*call.args, *([call.where] if call.where else [])]
    result = combine(sql, type, name, *call.args, nullable=nullable)
    if any(part.aggregate or part.window for part in parts) and call.over is None:
        raise call.refuse(
            "Compute the inner one in a subquery.", f"{call.name} of an aggregate or window function."
        )
    if call.over is not None:
        return result
    return replace(result, aggregate=True, loose=frozenset())


def _distinct(call: Call, sql: str) -> str:
    return f"DISTINCT {sql}" if call.distinct else sql


def plain(value: Typed) -> str:
    """A value as a key: -0.0 counts as 0.0, as Spark normalizes it in groups."""
    return f"({value.sql} + 0.0)" if value.type in (DOUBLE, FLOAT) else value.sql


def count(call: Call) -> Typed:
    """count(*), count(x), count(DISTINCT x): never NULL."""
    if call.star or (
        not call.distinct
        and call.args
        and all(arg.is_literal and arg.literal is not None for arg in call.args)
    ):
        return _finish(
            replace_args(call, []) if call.star else call, call.aggregate("COUNT(*)"), BIGINT, nullable=False
        )
    if len(call.args) != 1:
        known = " AND ".join(f"{arg.sql} IS NOT NULL" for arg in call.args)
        row = f"row({', '.join(plain(arg) for arg in call.args)})" if call.distinct else "1"
        operand = _distinct(call, f"CASE WHEN {known} THEN {row} END")
        return _finish(call, call.aggregate(f"COUNT({operand})"), BIGINT, nullable=False)
    value = call.args[0]
    if isinstance(value.type, Array | Map | Struct) and call.distinct:
        raise call.refuse("Count its parts.")
    operand = _distinct(call, plain(value) if call.distinct else value.sql)
    return _finish(call, call.aggregate(f"COUNT({operand})"), BIGINT, nullable=False)


def replace_args(call: Call, args: list[Typed]) -> Call:
    """The same call with other arguments."""
    return replace(call, args=args)


def count_if(call: Call) -> Typed:
    """count_if(condition)."""
    condition = boolean(call.args[0], "count_if")
    return _finish(call, call.aggregate(f"COUNT(CASE WHEN {condition} THEN 1 END)"), BIGINT, nullable=False)


def _sum(call: Call, value: Typed) -> tuple[str, SparkType]:
    if value.type in INTEGRAL:
        return f"CAST({call.aggregate(f'SUM({_distinct(call, value.sql)})')} AS BIGINT)", BIGINT
    if value.type == DOUBLE:
        return call.aggregate(f"SUM({_distinct(call, plain(value) if call.distinct else value.sql)})"), DOUBLE
    if isinstance(value.type, Decimal):
        if value.type.precision > 28:
            raise call.refuse("CAST it to at most 28 digits: a sum may need ten more.")
        type = Decimal(value.type.precision + 10, value.type.scale)
        return f"CAST({call.aggregate(f'SUM({_distinct(call, value.sql)})')} AS {to_duckdb(type)})", type
    if value.type == FLOAT:
        raise call.refuse("Write CAST(… AS DOUBLE).")
    raise call.refuse("CAST it to a number.")


def total(call: Call) -> Typed:
    """sum: BIGINT for integers, decimal(p+10, s), double; NULL for nothing; overflow raises."""
    sql, type = _sum(call, call.args[0])
    return _finish(call, sql, type)


def average(call: Call) -> Typed:
    """avg: double for integers, decimal(p+4, s+4) exact and rounded once, double."""
    value = call.args[0]
    if value.type in INTEGRAL or value.type == DOUBLE:
        # Spark adds up doubles, so a sum of big integers rounds as it does there.
        operand = _distinct(call, f"CAST({value.sql} AS DOUBLE)" if value.type != DOUBLE else value.sql)
        return _finish(call, call.aggregate(f"AVG({operand})"), DOUBLE)
    if not isinstance(value.type, Decimal):
        raise call.refuse("CAST it to DOUBLE or DECIMAL.")
    if value.type.precision > 24:
        raise call.refuse("CAST it to at most 24 digits.")
    scale = value.type.scale
    total_sql, total_type = _sum(call, value)
    assert isinstance(total_type, Decimal)
    counted = call.aggregate(f"COUNT({_distinct(call, value.sql)})")
    # A count fits 18 digits; nothing to average has the count 0 and the sum NULL.
    divisor = f"CAST(NULLIF({counted}, 0) AS DECIMAL(18,0))"
    result = adjust(value.type.precision + 4, scale + 4)
    return _finish(call, quotient(total_sql, total_type, divisor, Decimal(18, 0), result), result)


def extreme(call: Call) -> Typed:
    """min and max: NULLs are passed over; NaN is the greatest double; text is compared by bytes."""
    value = call.args[0]
    if isinstance(value.type, Array | Map | Struct) or value.type in (BINARY, VOID):
        raise call.refuse("Take the extreme of its parts.")
    return _finish(call, call.aggregate(f"{call.name.upper()}({value.sql})"), value.type)


def every(call: Call) -> Typed:
    """bool_and and bool_or of conditions."""
    word = "bool_or" if call.name in ("bool_or", "any", "some") else "bool_and"
    return _finish(call, call.aggregate(f"{word}({boolean(call.args[0], call.name)})"), BOOLEAN)


_ORDER = "the last digits of a sum of doubles depend on the order, as in Spark"

TITLE = "Aggregates"
ENTRIES = (
    Entry("count", "*, or values", "bigint, never NULL", count, (1, None), kind="aggregate", distinct=True),
    Entry("count_if", "boolean", "bigint, never NULL", count_if, kind="aggregate"),
    Entry(
        "sum",
        "integer, decimal, double",
        "bigint; decimal(p+10, s); double",
        total,
        kind="aggregate",
        distinct=True,
        rule="Sum.resultType",
        limits=f"decimals of at most 28 digits; {_ORDER}",
    ),
    Entry(
        "avg",
        "integer, decimal, double",
        "double; decimal(p+4, s+4)",
        average,
        kind="aggregate",
        aliases=("mean",),
        distinct=True,
        rule="Average.resultType",
        limits=f"decimals of at most 24 digits; {_ORDER}",
    ),
    Entry("min", "anything with an order", "its type", extreme, kind="aggregate", distinct=True),
    Entry("max", "anything with an order", "its type", extreme, kind="aggregate", distinct=True),
    Entry("bool_and", "boolean", "boolean", every, kind="aggregate", aliases=("every",)),
    Entry("bool_or", "boolean", "boolean", every, kind="aggregate", aliases=("some",)),
)
