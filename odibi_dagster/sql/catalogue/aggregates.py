"""Aggregates, over groups and over windows."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
    BIGINT,
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
from .ordering import is_orderable, sort_key


def finish(call: Call, sql: str, type: SparkType, *, nullable: bool = True, name: str = "") -> Typed:
    """The compiled aggregate with Spark's name, unless another is given, and its FILTER.

    Raises:
        Refusal: an aggregate of an aggregate or of a window function.
    """
    inner = ", ".join(arg.name for arg in call.args) if call.args else "1"
    name = name or f"{call.name}({'DISTINCT ' if call.distinct else ''}{inner})"
    if call.where:
        name += f" FILTER (WHERE {call.where.name})"
    keys = [key for key, _ in call.within]
    parts = [*call.args, *keys, *([call.where] if call.where else [])]
    result = combine(sql, type, name, *call.args, *keys, nullable=nullable)
    if any(part.aggregate or part.window for part in parts) and call.over is None:
        raise call.refuse(
            "Compute the inner one in a subquery.", f"{call.name} of an aggregate or window function."
        )
    if call.over is not None:
        return result
    return replace(result, aggregate=True, loose=frozenset())


def distinct(call: Call, sql: str) -> str:
    """The operand, behind DISTINCT if the call says so."""
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
        return finish(
            replace_args(call, []) if call.star else call, call.aggregate("COUNT(*)"), BIGINT, nullable=False
        )
    if len(call.args) != 1:
        known = " AND ".join(f"{arg.sql} IS NOT NULL" for arg in call.args)
        row = f"row({', '.join(plain(arg) for arg in call.args)})" if call.distinct else "1"
        operand = distinct(call, f"CASE WHEN {known} THEN {row} END")
        return finish(call, call.aggregate(f"COUNT({operand})"), BIGINT, nullable=False)
    value = call.args[0]
    if isinstance(value.type, Array | Map | Struct) and call.distinct:
        raise call.refuse("Count its parts.")
    operand = distinct(call, plain(value) if call.distinct else value.sql)
    return finish(call, call.aggregate(f"COUNT({operand})"), BIGINT, nullable=False)


def replace_args(call: Call, args: list[Typed]) -> Call:
    """The same call with other arguments."""
    return replace(call, args=args)


def count_if(call: Call) -> Typed:
    """count_if(condition)."""
    condition = boolean(call.args[0], "count_if")
    return finish(call, call.aggregate(f"COUNT(CASE WHEN {condition} THEN 1 END)"), BIGINT, nullable=False)


def _sum(call: Call, value: Typed) -> tuple[str, SparkType]:
    if value.type in INTEGRAL:
        return f"CAST({call.aggregate(f'SUM({distinct(call, value.sql)})')} AS BIGINT)", BIGINT
    if value.type == DOUBLE:
        return call.aggregate(f"SUM({distinct(call, plain(value) if call.distinct else value.sql)})"), DOUBLE
    if isinstance(value.type, Decimal):
        if value.type.precision > 28:
            raise call.refuse("CAST it to at most 28 digits: a sum may need ten more.")
        type = Decimal(value.type.precision + 10, value.type.scale)
        return f"CAST({call.aggregate(f'SUM({distinct(call, value.sql)})')} AS {to_duckdb(type)})", type
    if value.type == FLOAT:
        operand = f"CAST({value.sql} AS DOUBLE)"
        return call.aggregate(
            f"SUM({distinct(call, operand + ' + 0.0' if call.distinct else operand)})"
        ), DOUBLE
    raise call.refuse("CAST it to a number.")


def total(call: Call) -> Typed:
    """sum: BIGINT for integers, decimal(p+10, s), double; NULL for nothing; overflow raises."""
    sql, type = _sum(call, call.args[0])
    return finish(call, sql, type)


def average(call: Call) -> Typed:
    """avg: double for integers, decimal(p+4, s+4) exact and rounded once, double."""
    value = call.args[0]
    if value.type in (*INTEGRAL, DOUBLE, FLOAT):
        # Spark adds up doubles, so a sum of big integers rounds as it does there.
        operand = distinct(call, f"CAST({value.sql} AS DOUBLE)" if value.type != DOUBLE else value.sql)
        return finish(call, call.aggregate(f"AVG({operand})"), DOUBLE)
    if not isinstance(value.type, Decimal):
        raise call.refuse("CAST it to DOUBLE or DECIMAL.")
    if value.type.precision > 24:
        raise call.refuse("CAST it to at most 24 digits.")
    scale = value.type.scale
    total_sql, total_type = _sum(call, value)
    assert isinstance(total_type, Decimal)
    counted = call.aggregate(f"COUNT({distinct(call, value.sql)})")
    # A count fits 18 digits; nothing to average has the count 0 and the sum NULL.
    divisor = f"CAST(NULLIF({counted}, 0) AS DECIMAL(18,0))"
    result = adjust(value.type.precision + 4, scale + 4)
    return finish(call, quotient(total_sql, total_type, divisor, Decimal(18, 0), result), result)


def extreme(call: Call) -> Typed:
    """min and max: NULLs are passed over; NaN is the greatest double; text is compared by bytes."""
    value = call.args[0]
    if isinstance(value.type, Array | Struct) and is_orderable(value.type):
        found = Call(call.name, call.args, where=known(value, call.where), over=call.over)
        sql = found.aggregate(f"arg_{call.name}({value.sql}, {sort_key(value.sql, value.type)})")
        return finish(call, sql, value.type)
    if not is_orderable(value.type) or value.type == VOID:
        raise call.refuse("Take the extreme of its parts.")
    return finish(call, call.aggregate(f"{call.name.upper()}({value.sql})"), value.type)


def known(value: Typed, where: Typed | None) -> Typed:
    """A FILTER that also leaves out rows whose value is NULL."""
    sql = f"{value.sql} IS NOT NULL" + (f" AND {where.sql}" if where else "")
    return combine(sql, BOOLEAN, where.name if where else "", value)


def bits(call: Call) -> Typed:
    """bit_and, bit_or, bit_xor: of integers, of their type; NULL for nothing."""
    value = call.args[0]
    if value.type not in INTEGRAL:
        raise call.refuse("CAST it to INT or BIGINT.")
    return finish(call, call.aggregate(f"{call.name.upper()}({distinct(call, value.sql)})"), value.type)


def forgiving(call: Call) -> Typed:
    """try_sum and try_avg, where nothing can overflow: there they are sum and avg."""
    if call.args[0].type == BIGINT and call.name == "try_sum":
        raise call.refuse(
            "CAST it to DECIMAL(19,0): in Spark the order of the rows decides whether BIGINT overflows."
        )
    return total(call) if call.name == "try_sum" else average(call)


def every(call: Call) -> Typed:
    """bool_and and bool_or of conditions."""
    word = "bool_or" if call.name in ("bool_or", "any", "some") else "bool_and"
    return finish(call, call.aggregate(f"{word}({boolean(call.args[0], call.name)})"), BOOLEAN)


_ORDERED = "anything with an order, arrays and structs of it"
_ORDER = "the last digits of a sum of doubles depend on the order, as in Spark"

_ZEROS = "of -0.0 and 0.0, which are equal, either is given"
TITLE = "Aggregates"
ENTRIES = (
    Entry(
        "count",
        "*, or values",
        "bigint, never NULL",
        count,
        (1, None),
        kind="aggregate",
        distinct=True,
        limits="DISTINCT of no nested values",
    ),
    Entry("count_if", "boolean", "bigint, never NULL", count_if, kind="aggregate"),
    Entry(
        "sum",
        "integer, decimal, double, float",
        "bigint; decimal(p+10, s); double",
        total,
        kind="aggregate",
        distinct=True,
        rule="Sum.resultType",
        limits=f"decimals of at most 28 digits; {_ORDER}",
    ),
    Entry(
        "avg",
        "integer, decimal, double, float",
        "double; decimal(p+4, s+4)",
        average,
        kind="aggregate",
        aliases=("mean",),
        distinct=True,
        rule="Average.resultType",
        limits=f"decimals of at most 24 digits; {_ORDER}",
    ),
    Entry("min", _ORDERED, "its type", extreme, kind="aggregate", distinct=True, limits=_ZEROS),
    Entry("max", _ORDERED, "its type", extreme, kind="aggregate", distinct=True, limits=_ZEROS),
    Entry("bool_and", "boolean", "boolean", every, kind="aggregate", aliases=("every",)),
    Entry("bool_or", "boolean", "boolean", every, kind="aggregate", aliases=("some", "any")),
    Entry("bit_and", "integer", "its type", bits, kind="aggregate", distinct=True),
    Entry("bit_or", "integer", "its type", bits, kind="aggregate", distinct=True),
    Entry("bit_xor", "integer", "its type", bits, kind="aggregate", distinct=True),
    Entry(
        "try_sum",
        "tinyint, smallint, int, decimal, double",
        "as sum",
        forgiving,
        kind="aggregate",
        distinct=True,
        limits="no BIGINT; decimals of at most 28 digits",
    ),
    Entry(
        "try_avg",
        "integer, decimal, double",
        "as avg",
        forgiving,
        kind="aggregate",
        distinct=True,
        limits="decimals of at most 24 digits",
    ),
)
