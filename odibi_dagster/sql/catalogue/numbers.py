"""Functions of one number."""

from __future__ import annotations

from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, DOUBLE, INTEGRAL, Decimal, to_duckdb

from .entry import Call, Entry


def absolute(call: Call) -> Typed:
    """abs."""
    value = call.args[0]
    if isinstance(value.type, Decimal) and value.type.precision > 34:
        raise call.refuse("CAST it to at most 34 digits: Spark itself rounds there.")
    if not (value.type in INTEGRAL or value.type == DOUBLE or isinstance(value.type, Decimal)):
        raise call.refuse("CAST it to a number.")
    return call.result(f"abs({value.sql})", value.type)


def round_half_up(call: Call) -> Typed:
    """round(x[, n]): halves away from zero."""
    value = call.args[0]
    places = call.literal(1) if len(call.args) > 1 else 0
    if not isinstance(places, int) or places < 0:
        raise call.refuse("The number of places is a literal from 0 on.")
    name = f"round({value.name}, {places})"
    if value.type in INTEGRAL:
        return call.result(value.sql, value.type, name=name)
    if not isinstance(value.type, Decimal) or (value.type.precision, value.type.scale) == (38, 0):
        raise call.refuse("CAST it to DECIMAL(precision, scale): rounding a binary number is not exact.")
    scale = min(value.type.scale, places)
    precision = min(value.type.precision - value.type.scale + 1 + scale, 38)
    result = Decimal(precision, scale)
    return call.result(f"CAST({value.sql} AS {to_duckdb(result)})", result, name=name)


def whole(call: Call) -> Typed:
    """ceil and floor: BIGINT for integers and doubles, decimal(p-s+1, 0) for decimals."""
    value, function = call.args[0], "floor" if call.name == "floor" else "ceil"
    name = f"{call.name if call.name == 'ceiling' else call.name.upper()}({value.name})"
    if value.type in INTEGRAL:
        return call.result(f"CAST({value.sql} AS BIGINT)", BIGINT, name=name)
    if value.type == DOUBLE:
        return call.result(f"CAST({function}({value.sql}) AS BIGINT)", BIGINT, name=name)
    if isinstance(value.type, Decimal):
        result = Decimal(min(value.type.precision - value.type.scale + 1, 38), 0)
        wide = Decimal(min(value.type.precision + 1, 38), value.type.scale)
        inner = f"CAST({value.sql} AS {to_duckdb(wide)})" if value.type.scale else value.sql
        return call.result(f"CAST({function}({inner}) AS {to_duckdb(result)})", result, name=name)
    raise call.refuse("CAST it to a number.")


TITLE = "Numbers"
ENTRIES = (
    Entry(
        "abs",
        "integer, decimal, double",
        "its type",
        absolute,
        limits="decimals of at most 34 digits; no FLOAT",
    ),
    Entry(
        "round",
        "decimal or integer, literal places from 0 on",
        "decimal(p-s+1+min(s,n), min(s,n)); the integer",
        round_half_up,
        (1, 2),
        literals=(1,),
        limits="no doubles: CAST to DECIMAL",
    ),
    Entry(
        "ceil",
        "integer, decimal, double",
        "bigint; decimal(p-s+1, 0)",
        whole,
        aliases=("ceiling",),
        limits="one argument",
    ),
    Entry("floor", "integer, decimal, double", "bigint; decimal(p-s+1, 0)", whole, limits="one argument"),
)
