"""Spark's rules (ANSI) for the few operations the shipped tables use, on Python values; None is NULL.

Decimals: the exact value, rounded once and half up to the result type; a value that does not fit raises.
Result types as in Spark's DecimalPrecision: division of (p1, s1) by (p2, s2) has scale max(6, s1 + p2 + 1)
and p1 - s1 + s2 + scale digits; SUM is (p + 10, s); AVG is (p + 4, s + 4); an INT operand is (10, 0).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

INT_DIGITS = 10


def to_decimal(value: Decimal | Fraction | int | None, precision: int, scale: int) -> Decimal | None:
    """CAST(value AS DECIMAL(precision, scale))."""
    if value is None:
        return None
    exact = Fraction(value) * 10**scale
    # Half up is away from zero: on the magnitude, add a half and cut.
    unscaled = int(abs(exact) + Fraction(1, 2))
    if unscaled >= 10**precision:
        raise ArithmeticError(f"{value} does not fit into decimal({precision},{scale})")
    with localcontext() as context:
        context.prec = 60
        context.rounding = ROUND_HALF_UP
        return (Decimal(unscaled) if exact >= 0 else Decimal(-unscaled)).scaleb(-scale)


def to_int(value: int | None) -> int | None:
    """CAST(value AS INT) of an integer: raises outside 32 bits."""
    if value is not None and not -(2**31) <= value < 2**31:
        raise ArithmeticError(f"{value} does not fit into int")
    return value


def to_date(text: str | None) -> date | None:
    """TO_DATE(text) of yyyy-mm-dd."""
    return None if text is None else date.fromisoformat(text)


def divide(
    x: Decimal | None, y: Decimal | int | None, x_type: tuple[int, int], y_type: tuple[int, int]
) -> Decimal | None:
    """x / y of decimals of the given (precision, scale); division by zero raises."""
    if x is None or y is None:
        return None
    (p1, s1), (p2, s2) = x_type, y_type
    scale = max(6, s1 + p2 + 1)
    return to_decimal(Fraction(x) / Fraction(y), p1 - s1 + s2 + scale, scale)


def total(values: Iterable[Decimal | None], precision: int, scale: int) -> Decimal | None:
    """SUM of DECIMAL(precision, scale); NULL over no values."""
    known = [Fraction(value) for value in values if value is not None]
    return to_decimal(sum(known, Fraction(0)), precision + 10, scale) if known else None


def mean(values: Iterable[Decimal | None], precision: int, scale: int) -> Decimal | None:
    """AVG of DECIMAL(precision, scale); NULL over no values."""
    known = [Fraction(value) for value in values if value is not None]
    return to_decimal(sum(known, Fraction(0)) / len(known), precision + 4, scale + 4) if known else None


def least(values: Iterable[date | None]) -> date | None:
    """MIN; NULL over no values."""
    return min((value for value in values if value is not None), default=None)


def greatest(values: Iterable[date | None]) -> date | None:
    """MAX; NULL over no values."""
    return max((value for value in values if value is not None), default=None)


def datediff(end: date | None, start: date | None) -> int | None:
    """DATEDIFF(end, start): days."""
    return None if end is None or start is None else (end - start).days


def trim(text: str | None) -> str | None:
    """TRIM: takes spaces (U+0020) away, and no other white space."""
    return None if text is None else text.strip(" ")


def upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
