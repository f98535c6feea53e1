"""Functions of numbers that keep their type, and tests on them."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import BIGINT, BINARY, BOOLEAN, DOUBLE, FLOAT, INTEGRAL, STRING, Decimal

from .entry import Call, Entry
from .math import double

NUMBER_MACROS: tuple[str, ...] = (
    # NaN and the two zeros are their own sign.
    "CREATE OR REPLACE TEMP MACRO spark_sign(x) AS CASE WHEN x = 0 OR isnan(x) THEN x ELSE sign(x) END",
    "CREATE OR REPLACE TEMP MACRO spark_unhex(s) AS "
    "CASE WHEN regexp_full_match(s, '[0-9a-fA-F]*') THEN unhex(s) END",
    "CREATE OR REPLACE TEMP MACRO spark_width_bucket(x, low, high, n) AS "
    "CASE WHEN n <= 0 OR n = 9223372036854775807 OR isnan(x) OR low = high OR NOT isfinite(low) "
    "OR NOT isfinite(high) THEN NULL "
    "WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
    "ELSE CAST(trunc(n * (x - low) / (high - low)) AS BIGINT) + 1 END "
    "WHEN low > high THEN CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1 "
    "ELSE CAST(trunc(n * (low - x) / (low - high)) AS BIGINT) + 1 END END",
)


def _number(call: Call) -> Typed:
    value = call.args[0]
    if not coerce.is_numeric(value.type):
        raise call.refuse("CAST it to a number.")
    return value


def absolute(call: Call) -> Typed:
    """abs: the smallest integer has no counterpart and raises."""
    value = _number(call)
    if isinstance(value.type, Decimal) and value.type.precision > 34:
        raise call.refuse("CAST it to at most 34 digits: Spark itself rounds there.")
    return call.result(f"abs({value.sql})", value.type)


def positive(call: Call) -> Typed:
    """positive(x): x itself."""
    value = _number(call)
    return combine(value.sql, value.type, f"(+ {value.name})", value)


def sign(call: Call) -> Typed:
    """sign and signum: -1, 0 or 1 as a DOUBLE; NaN for NaN."""
    name = f"{'SIGNUM' if call.name == 'signum' else 'sign'}({call.args[0].name})"
    return call.result(f"CAST(spark_sign({double(call)}) AS DOUBLE)", DOUBLE, name=name)


def is_nan(call: Call) -> Typed:
    """isnan: false for NULL."""
    _number(call)
    return call.result(f"COALESCE(isnan({double(call)}), false)", BOOLEAN, nullable=False)


def nan_value(call: Call) -> Typed:
    """nanvl(a, b): b where a is NaN."""
    type = FLOAT if {arg.type for arg in call.args} == {FLOAT} else DOUBLE
    first, second = (arg.sql if type == FLOAT else double(call, at) for at, arg in enumerate(call.args))
    return call.result(f"(CASE WHEN isnan({first}) THEN {second} ELSE {first} END)", type)


def width_bucket(call: Call) -> Typed:
    """width_bucket(x, low, high, n): the number of the bucket x falls into."""
    if call.args[3].type not in INTEGRAL:
        raise call.refuse("The number of buckets is an integer.")
    sql = ", ".join([*(double(call, at) for at in range(3)), coerce.to(call.args[3], BIGINT)])
    return call.result(f"CAST(spark_width_bucket({sql}) AS BIGINT)", BIGINT, nullable=True)


def hexadecimal(call: Call) -> Typed:
    """hex: of an integer as BIGINT, of text as UTF-8, of bytes."""
    value = call.args[0]
    if value.type in INTEGRAL:
        return call.result(f"hex({coerce.to(value, BIGINT)})", STRING)
    if value.type not in (STRING, BINARY):
        raise call.refuse("CAST it to BIGINT, STRING or BINARY.")
    return call.result(f"hex({value.sql})", STRING)


def unhex(call: Call) -> Typed:
    """unhex: NULL where a character is no hexadecimal digit."""
    value = call.args[0]
    if value.type != STRING:
        raise call.refuse("CAST it to STRING.")
    return call.result(f"spark_unhex({value.sql})", BINARY, nullable=True)


def binary_digits(call: Call) -> Typed:
    """bin: the binary digits of a BIGINT."""
    if call.args[0].type not in INTEGRAL:
        raise call.refuse("CAST it to BIGINT.")
    return call.result(f"bin({coerce.to(call.args[0], BIGINT)})", STRING)


TITLE = "Numbers"
ENTRIES = (
    Entry("abs", "a number", "its type", absolute, limits="decimals of at most 34 digits"),
    Entry("positive", "a number", "its type", positive),
    Entry("sign", "a number", "double", sign, aliases=("signum",)),
    Entry("isnan", "a number", "boolean, never NULL", is_nan),
    Entry("nanvl", "two numbers", "double; float for two floats", nan_value, (2, 2)),
    Entry("width_bucket", "three numbers, integer", "bigint", width_bucket, (4, 4)),
    Entry("hex", "integer, string, binary", "string", hexadecimal),
    Entry("unhex", "string", "binary", unhex),
    Entry("bin", "integer", "string", binary_digits),
)
