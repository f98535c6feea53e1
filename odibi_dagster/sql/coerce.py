"""Spark's implicit conversions: common types of operands and branches (ANSI mode).

Source: Spark's documentation "ANSI compliance", sections "Type promotion and precedence" and "Implicit cast";
for decimals the rule `widerDecimalType` (digits before and behind the point are both kept).
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Sequence
from functools import reduce

from .literals import date_literal, timestamp_literal
from .refusal import Refusal
from .typed import Typed
from .types import (
    BIGINT,
    DATE,
    DIGITS,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VOID,
    Array,
    Column,
    Decimal,
    Map,
    SparkType,
    Struct,
    to_duckdb,
)

TEMPORAL = (DATE, TIMESTAMP, TIMESTAMP_NTZ)


def is_numeric(type: SparkType) -> bool:
    """Whether arithmetic takes the type."""
    return type in INTEGRAL or type in (FLOAT, DOUBLE) or isinstance(type, Decimal)


def as_decimal(value: Typed) -> Decimal:
    """The decimal type an integer or decimal operand counts as: a literal has just its digits."""
    if isinstance(value.type, Decimal):
        return value.type
    if value.is_literal and isinstance(value.literal, int):
        return Decimal(len(str(abs(value.literal))), 0)
    return Decimal(DIGITS[value.type], 0)


def wider_decimal(left: Decimal, right: Decimal) -> Decimal:
    """The smallest decimal that holds every value of both.

    Raises:
        Refusal: it would need more than 38 digits; Spark would then drop digits behind the point.
    """
    scale = max(left.scale, right.scale)
    digits = max(left.precision - left.scale, right.precision - right.scale)
    if digits + scale > 38:
        raise Refusal(
            f"{left} and {right} have no common type of at most 38 digits.",
            "CAST one of them to fewer digits.",
        )
    return Decimal(digits + scale, scale)


def wider(left: SparkType, right: SparkType) -> SparkType:
    """The type both sides convert to in CASE, COALESCE, UNION, ….

    Raises:
        Refusal: there is none, or it would convert a string silently.
    """
    if left == right or right == VOID:
        return left
    if left == VOID:
        return right
    if left in INTEGRAL and right in INTEGRAL:
        return max(left, right, key=INTEGRAL.index)
    if is_numeric(left) and is_numeric(right):
        if left in (FLOAT, DOUBLE) or right in (FLOAT, DOUBLE):
            return DOUBLE
        sides = [type if isinstance(type, Decimal) else Decimal(DIGITS[type], 0) for type in (left, right)]
        return wider_decimal(*sides)
    if left in TEMPORAL and right in TEMPORAL:
        return TIMESTAMP if TIMESTAMP in (left, right) else TIMESTAMP_NTZ
    if (nested := _nested(left, right, wider)) is not None:
        return nested
    raise Refusal(f"{left} and {right} have no common type.", "CAST one of them to the other's type.")


def tight(left: SparkType, right: SparkType) -> SparkType:
    """The common type of two arrays' elements, where Spark widens only what loses nothing.

    Raises:
        Refusal: there is none.
    """
    if left == right or VOID in (left, right) or (left in INTEGRAL and right in INTEGRAL):
        return wider(left, right)
    if DOUBLE in (left, right) and (left in INTEGRAL or right in INTEGRAL):
        return DOUBLE
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Decimal) and other in INTEGRAL and one.precision - one.scale >= DIGITS[other]:
            return one
    if (nested := _nested(left, right, tight)) is not None:
        return nested
    raise Refusal(f"{left} and {right} do not fit together.", "CAST one of them to the other's type.")


def _nested(
    left: SparkType, right: SparkType, join: Callable[[SparkType, SparkType], SparkType]
) -> SparkType | None:
    if isinstance(left, Array) and isinstance(right, Array):
        return Array(join(left.element, right.element))
    if isinstance(left, Map) and isinstance(right, Map):
        return Map(join(left.key, right.key), join(left.value, right.value))
    if isinstance(left, Struct) and isinstance(right, Struct):
        names = [[field.name for field in side.fields] for side in (left, right)]
        if names[0] == names[1]:
            return Struct(tuple(
                Column(a.name, join(a.type, b.type), a.nullable or b.nullable)
                for a, b in zip(left.fields, right.fields, strict=True)
            ))  # fmt: skip
    return None


def _is_exact(type: SparkType, wide: SparkType) -> bool:
    """Whether DuckDB's own CAST of values inside of arrays, maps and structs is Spark's and loses nothing."""
    if type in (wide, VOID):
        return True
    if isinstance(type, Array) and isinstance(wide, Array):
        return _is_exact(type.element, wide.element)
    if isinstance(type, Map) and isinstance(wide, Map):
        return _is_exact(type.key, wide.key) and _is_exact(type.value, wide.value)
    if isinstance(type, Struct) and isinstance(wide, Struct):
        pairs = list(zip(type.fields, wide.fields, strict=False))
        return len(type.fields) == len(wide.fields) and all(
            a.name == b.name and _is_exact(a.type, b.type) for a, b in pairs
        )
    if isinstance(type, Decimal) and wide == DOUBLE:
        return type.precision <= 15
    if type in INTEGRAL:
        return wide in (*INTEGRAL, DOUBLE) or isinstance(wide, Decimal)
    both = isinstance(type, Decimal) and isinstance(wide, Decimal)
    return both or (type == FLOAT and wide == DOUBLE) or (type in TEMPORAL and wide in TEMPORAL)


def common(values: Sequence[Typed]) -> SparkType:
    """The common type of several expressions; string literals follow dates and timestamps beside them."""
    types = [value.type for value in values]
    temporal = [type for type in types if type in TEMPORAL]
    if temporal and all(v.type in TEMPORAL or v.type == VOID or _text_literal(v) for v in values):
        return reduce(wider, temporal)
    return reduce(wider, types)


def _text_literal(value: Typed) -> bool:
    return value.type == STRING and isinstance(value.literal, str)


def to(value: Typed, type: SparkType) -> str:
    """DuckDB text of a value converted implicitly to a type that holds it exactly.

    Raises:
        Refusal: the conversion is not among Spark's implicit ones, or not exact here.
    """
    if value.type == type:
        return value.sql
    target = to_duckdb(type)
    if value.type == VOID:
        return f"CAST(NULL AS {target})"
    if _text_literal(value) and type == DATE:
        return date_literal(value.literal)
    if _text_literal(value) and type == TIMESTAMP:
        return timestamp_literal(value.literal)
    if isinstance(value.type, Decimal) and type == DOUBLE:
        return decimal_to_double(value)
    if is_numeric(value.type) and is_numeric(type):
        return f"CAST({value.sql} AS {target})"
    if value.type == DATE and type in (TIMESTAMP, TIMESTAMP_NTZ):
        return f"CAST({value.sql} AS {target})"
    if value.type == TIMESTAMP_NTZ and type == TIMESTAMP:
        return f"CAST({value.sql} AS {target})"
    if isinstance(value.type, Array | Map | Struct) and _is_exact(value.type, type):
        return f"CAST({value.sql} AS {target})"
    raise Refusal(
        f"{value.name} has the type {value.type}, where {type} is needed.",
        f"Write CAST({value.name} AS {str(type).upper()}).",
    )


def decimal_to_double(value: Typed) -> str:
    """The double next to a decimal.

    Up to 15 digits both the unscaled integer and the power of ten are exact doubles, so the one division
    DuckDB does is rounded correctly; beyond, the way over the decimal's digits is.
    """
    assert isinstance(value.type, Decimal)
    if value.type.precision <= 15:
        return f"CAST({value.sql} AS DOUBLE)"
    return f"CAST(CAST({value.sql} AS VARCHAR) AS DOUBLE)"


def comparable(left: Typed, right: Typed) -> tuple[str, str]:
    """Both sides of a comparison, converted so that it has Spark's result.

    Decimals and integers compare by value. A literal that the other side's type holds exactly takes that
    type, so that a column stays bare and a scan can use its statistics.

    Raises:
        Refusal: the types do not compare.
    """
    for bare, other in ((left, right), (right, left)):
        if other.is_literal and (narrow := _literal_as(other, bare.type)):
            return (bare.sql, narrow) if bare is left else (narrow, bare.sql)
    if left.type in INTEGRAL and right.type in INTEGRAL:
        return left.sql, right.sql
    if _exact_number(left) and _exact_number(right):
        type: SparkType = wider_decimal(as_decimal(left), as_decimal(right))
    else:
        type = common([left, right])
    return to(left, type), to(right, type)


def _exact_number(value: Typed) -> bool:
    return value.type in INTEGRAL or isinstance(value.type, Decimal)


def _literal_as(literal: Typed, type: SparkType) -> str | None:
    value = literal.literal
    if isinstance(value, bool) or not isinstance(value, int | decimal.Decimal):
        return None
    if isinstance(type, Decimal) and literal.type != DOUBLE:
        exact = decimal.Decimal(value)
        digits = max(exact.adjusted() + 1, 0)
        exponent = exact.normalize().as_tuple().exponent
        behind = max(-exponent, 0) if isinstance(exponent, int) else 0
        if digits <= type.precision - type.scale and behind <= type.scale:
            return f"CAST({exact} AS {to_duckdb(type)})"
    if type == BIGINT and literal.type in INTEGRAL:
        return f"CAST({value} AS BIGINT)"
    return None


def instant(value: datetime.datetime) -> str:
    """A TIMESTAMP literal of DuckDB for an aware instant, in UTC, to the microsecond."""
    utc = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return f"CAST('{utc.isoformat(sep=' ', timespec='microseconds')}+00' AS TIMESTAMP WITH TIME ZONE)"
