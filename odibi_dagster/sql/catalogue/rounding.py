"""round, bround, ceil, floor, rint.

Spark rounds the digits that a DOUBLE prints, not its binary value: round(1.005, 2) is 1.01.
"""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import (
    BIGINT,
    DIGITS,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    Decimal,
    SparkType,
    to_duckdb,
)

from .entry import Call, Entry
from .math import double

# Numbers that are not near a half are rounded in binary, which is exact: an integer below 2^53 divided by a
# power of ten is the double nearest to the decimal. Near a half the printed digits decide, and beyond 17
# digits there is nothing left to round.
ROUNDING_MACROS: tuple[str, ...] = (
    # The number of places is part of the type, so it cannot be a parameter of a macro: one macro for each.
    *(
        f"CREATE OR REPLACE TEMP MACRO spark_{name}_{places}(x) AS "
        f"CASE WHEN abs(x) < 1e{17 - places} THEN CASE WHEN abs(x) < 1e{11 - places} "
        f"AND abs(abs(x * 1e{places} - trunc(x * 1e{places})) - 0.5) > 1e-4 "
        f"THEN round(x * 1e{places}) / 1e{places} + 0.0 "
        f"ELSE CAST(CAST({function}(CAST(CAST(x AS VARCHAR) AS DECIMAL(38, {20 + places})), {places}) "
        f"AS VARCHAR) AS DOUBLE) + 0.0 END ELSE x END"
        for name, function in (("round", "round"), ("bround", "round_even"))
        for places in range(11)
    ),
    # Java's toLong knows no overflow: NaN is 0, the rest the nearest BIGINT.
    "CREATE OR REPLACE TEMP MACRO spark_long(x) AS CASE WHEN isnan(x) THEN 0 "
    "WHEN x >= 9223372036854775807 THEN 9223372036854775807 "
    "WHEN x <= -9223372036854775808 THEN -9223372036854775808 ELSE CAST(x AS BIGINT) END",
    "CREATE OR REPLACE TEMP MACRO spark_rint(x) AS CASE WHEN abs(x) < 4503599627370496 "
    "THEN round_even(x, 0) ELSE x END",
    # The greatest multiple of `unit` that is not above x, and the smallest that is not below.
    "CREATE OR REPLACE TEMP MACRO spark_floor(x, unit) AS "
    "x - x % unit - CASE WHEN x % unit < 0 THEN unit ELSE 0 END",
    "CREATE OR REPLACE TEMP MACRO spark_ceil(x, unit) AS "
    "x - x % unit + CASE WHEN x % unit > 0 THEN unit ELSE 0 END",
)


def rounded(type: Decimal, places: int) -> Decimal:
    """The type of a decimal after rounding to some places, which may be negative.

    Source: Spark's `RoundBase.dataType`: one more digit before the point.
    """
    digits = type.precision - type.scale + 1
    if places < 0:
        return Decimal(min(max(digits, 1 - places), 38), 0)
    scale = min(type.scale, places)
    return Decimal(min(digits + scale, 38), scale)


def _places(call: Call, least: int, most: int) -> int:
    places = call.literal(1) if len(call.args) > 1 else 0
    if not isinstance(places, int) or isinstance(places, bool) or not least <= places <= most:
        raise call.refuse(f"The number of places is a literal from {least} to {most}.")
    return places


def round_half(call: Call) -> Typed:
    """round and bround: halves go away from zero, or to the even neighbour."""
    value = call.args[0]
    name = f"{call.name}({value.name}, {call.args[1].name if len(call.args) > 1 else 0})"
    function = "round" if call.name == "round" else "round_even"
    if value.type == DOUBLE:
        return call.result(f"spark_{call.name}_{_places(call, 0, 10)}({value.sql})", DOUBLE, name=name)
    if value.type in INTEGRAL:
        places = _places(call, -18, 38)
        if places >= 0:
            return call.result(value.sql, value.type, name=name)
        wide = f"CAST({value.sql} AS DECIMAL(20,0))"
        sql = f"CAST({function}({wide}, {places}) AS {to_duckdb(value.type)})"
        return call.result(sql, value.type, name=name)
    if not isinstance(value.type, Decimal) or value.type.precision - value.type.scale > 37:
        raise call.refuse("CAST it to DOUBLE or to DECIMAL(precision, scale) of at most 37 whole digits.")
    places = _places(call, -18, 38)
    result = rounded(value.type, places)
    inner = value.sql
    if -places > value.type.precision - value.type.scale:
        return call.result(
            f"CAST(CASE WHEN {inner} IS NOT NULL THEN 0 END AS {to_duckdb(result)})", result, name=name
        )
    if places < 0 or (function == "round_even" and places < value.type.scale):
        spare = Decimal(min(value.type.precision + 1, 38), value.type.scale)
        inner = f"{function}(CAST({value.sql} AS {to_duckdb(spare)}), {places})"
    return call.result(f"CAST({inner} AS {to_duckdb(result)})", result, name=name)


def whole(call: Call) -> Typed:
    """ceil and floor: BIGINT for integers and doubles, decimal(p-s+1, 0) for decimals; or to places."""
    value, function = call.args[0], "floor" if call.name == "floor" else "ceil"
    if len(call.args) > 1:
        return _whole_places(call, function)
    name = f"{call.name if call.name == 'ceiling' else call.name.upper()}({value.name})"
    if value.type in INTEGRAL:
        return call.result(f"CAST({value.sql} AS BIGINT)", BIGINT, name=name)
    if value.type in (DOUBLE, FLOAT):
        return call.result(
            f"CAST(spark_long({function}({coerce.to(value, DOUBLE)})) AS BIGINT)", BIGINT, name=name
        )
    if isinstance(value.type, Decimal):
        result = rounded(value.type, 0)
        wide = Decimal(min(value.type.precision + 1, 38), value.type.scale)
        inner = f"CAST({value.sql} AS {to_duckdb(wide)})" if value.type.scale else value.sql
        return call.result(f"CAST({function}({inner}) AS {to_duckdb(result)})", result, name=name)
    raise call.refuse("CAST it to a number.")


def _whole_places(call: Call, function: str) -> Typed:
    value, places = call.args[0], _places(call, -18, 37)
    name = f"{call.name}({value.name}, {call.args[1].name})"
    if value.type in INTEGRAL:
        type: SparkType = Decimal(DIGITS[value.type], 0)
    else:
        type = value.type
    if not isinstance(type, Decimal) or type.precision > 37:
        raise call.refuse("CAST it to DECIMAL(precision, scale) of at most 37 digits.")
    result = rounded(type, places)
    if places >= type.scale:
        return call.result(f"CAST({value.sql} AS {to_duckdb(result)})", result, name=name)
    if -places >= type.precision - type.scale:
        raise call.refuse(f"{value.name} has {type.precision - type.scale} digits before the point.")
    wide = to_duckdb(Decimal(type.precision + 1, type.scale))
    unit = f"CAST(1e{-places} AS {wide})" if places < 0 else f"CAST('0.{1:0{places}d}' AS {wide})"
    if places == 0:
        unit = f"CAST(1 AS {wide})"
    sql = f"spark_{function}(CAST({value.sql} AS {wide}), {unit})"
    return call.result(f"CAST({sql} AS {to_duckdb(result)})", result, name=name)


def rint(call: Call) -> Typed:
    """rint: the nearest whole DOUBLE, halves to the even one."""
    return call.result(f"spark_rint({double(call)})", DOUBLE)


_ROUNDED = "decimal(p-s+1+min(s,n), min(s,n)); the integer's or double's type"
TITLE = "Rounding"
ENTRIES = (
    *(
        Entry(
            name,
            "decimal, integer, double; literal places",
            _ROUNDED,
            round_half,
            (1, 2),
            literals=(1,),
            rule="RoundBase",
            limits="doubles to 0 to 10 places; no FLOAT",
        )
        for name in ("round", "bround")
    ),
    *(
        Entry(
            name,
            "integer, decimal, double, float; decimals and integers also to literal places",
            "bigint; decimal(p-s+1, 0)",
            whole,
            (1, 2),
            literals=(1,),
            aliases=aliases,
            limits="no doubles to places: CAST to DECIMAL",
        )
        for name, aliases in (("ceil", ("ceiling",)), ("floor", ()))
    ),
    Entry("rint", "a number", "double", rint),
)
