"""Arithmetic by name: mod, div, pmod, negative, and the try_ forms: NULL where the operator raises."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, DATE, DOUBLE, FLOAT, INTEGRAL, Decimal, to_duckdb

from .arithmetic import add, divide, divisor, minus, multiply, remainder, whole_division
from .entry import Call, Entry

TRY_MACROS: tuple[str, ...] = (
    # Java's remainder, once more where it is negative; r + n wraps around in Java for n near the smallest.
    "CREATE OR REPLACE TEMP MACRO spark_pmod(x, n) AS "
    "CASE WHEN x % n < 0 THEN (x % n + n) % n ELSE x % n END",
    "CREATE OR REPLACE TEMP MACRO spark_pmod_whole(x, n, least, span) AS "
    "CASE WHEN x % n >= 0 THEN x % n WHEN n > 0 THEN x % n + n "
    "WHEN CAST(x % n AS HUGEINT) + n >= least THEN x % n ELSE (CAST(x % n AS HUGEINT) + n + span) % n END",
)


def _named(call: Call, typed: Typed, *, nullable: bool | None = None) -> Typed:
    return call.result(typed.sql, typed.type, nullable=nullable)


def mod(call: Call) -> Typed:
    """mod(a, b): a % b."""
    return _named(call, remainder(Call("%", call.args)))


def div(call: Call) -> Typed:
    """div(a, b): a DIV b."""
    return whole_division(Call("DIV", call.args))


def negative(call: Call) -> Typed:
    """negative(x): -x."""
    value = replace(call.args[0], literal=None)
    if value.type == FLOAT:
        return call.result(f"(- {value.sql})", FLOAT)
    return _named(call, minus(Call("-", [value])))


def pmod(call: Call) -> Typed:
    """pmod(a, b): the remainder that is not negative, for a positive b."""
    plain = remainder(Call("pmod", call.args))
    left, right = call.args
    if plain.type in INTEGRAL:
        bits = 8 * 2 ** INTEGRAL.index(plain.type)
        x, n = coerce.to(left, plain.type), divisor(right, plain.type)
        # Java computes what is narrower than an INT as an INT and cuts it back afterwards.
        sql = f"spark_pmod_whole({x}, {n}, {-(2 ** (bits - 1))}::HUGEINT, {2**bits}::HUGEINT)"
        return call.result(f"CAST({sql} AS {to_duckdb(plain.type)})", plain.type)
    if plain.type == DOUBLE:
        return call.result(f"spark_pmod({coerce.to(left, DOUBLE)}, {coerce.to(right, DOUBLE)})", DOUBLE)
    wide = to_duckdb(coerce.wider_decimal(coerce.as_decimal(left), coerce.as_decimal(right)))
    sql = f"spark_pmod(CAST({left.sql} AS {wide}), CAST({right.sql} AS {wide}))"
    return call.result(f"CAST({sql} AS {to_duckdb(plain.type)})", plain.type)


_SYMBOLS = {"try_add": "+", "try_subtract": "-", "try_multiply": "*"}


def attempt(call: Call) -> Typed:
    """try_add, try_subtract, try_multiply: NULL where the result does not fit its type."""
    symbol = _SYMBOLS[call.name]
    plain = (multiply if symbol == "*" else add)(Call(symbol, call.args))
    if plain.type in INTEGRAL:
        # In the next wider integer nothing overflows.
        wide = "HUGEINT" if plain.type == BIGINT else "BIGINT"
        left, right = (f"CAST({arg.sql} AS {wide})" for arg in call.args)
        sql = f"TRY_CAST({left} {symbol} {right} AS {to_duckdb(plain.type)})"
        return _named(call, plain.with_sql(sql), nullable=True)
    if plain.type == DATE:
        raise call.refuse("Use date_add or date_sub.")
    if isinstance(plain.type, Decimal) and plain.type.precision == 38:
        raise call.refuse("CAST the operands to fewer digits: the result may need more than 38.")
    return _named(call, plain, nullable=True)


def attempt_quotient(call: Call) -> Typed:
    """try_divide and try_mod: NULL where the divisor is 0."""
    plain = divide(Call("/", call.args)) if call.name == "try_divide" else remainder(Call("%", call.args))
    if isinstance(plain.type, Decimal) and plain.type.precision == 38:
        raise call.refuse("CAST the operands to fewer digits: the result may need more than 38.")
    return _named(
        call, plain.with_sql(f"(CASE WHEN {call.args[1].sql} <> 0 THEN {plain.sql} END)"), nullable=True
    )


_NUMBERS = "integers, decimals, doubles, mixed"
_LIMITS = "no FLOAT; no result of 38 digits"
TITLE = "Arithmetic by name"
ENTRIES = (
    Entry("mod", _NUMBERS, "as %", mod, (2, 2), limits="no FLOAT"),
    Entry("div", "integers", "bigint", div, (2, 2)),
    Entry("pmod", _NUMBERS, "as %", pmod, (2, 2), limits="no FLOAT"),
    Entry("negative", "a number", "its type", negative, limits="decimals of at most 34 digits"),
    *(
        Entry(name, _NUMBERS, f"as {symbol}", attempt, (2, 2), limits=f"{_LIMITS}; no dates")
        for name, symbol in _SYMBOLS.items()
    ),
    Entry("try_divide", _NUMBERS, "as /", attempt_quotient, (2, 2), limits=_LIMITS),
    Entry("try_mod", _NUMBERS, "as %", attempt_quotient, (2, 2), limits=_LIMITS),
)
