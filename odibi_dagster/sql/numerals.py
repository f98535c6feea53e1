"""Literals as typed expressions: numbers, DATE and TIMESTAMP."""

from __future__ import annotations

import decimal

from sqlglot import exp

from .literals import date_literal, read_date, read_timestamp, timestamp_literal
from .refusal import Refusal
from .typed import NOTHING, Typed
from .types import BIGINT, DATE, DOUBLE, INT, TIMESTAMP, Decimal


def number(value: str) -> Typed:
    """A numeric literal: INT, BIGINT or DECIMAL by its size, DECIMAL with a point, DOUBLE with an exponent.

    Raises:
        Refusal: it has more than 38 digits.
    """
    low = value.lower()
    if "e" in low:
        double = float(value)
        return Typed(f"CAST('{double!r}' AS DOUBLE)", DOUBLE, False, str(double), literal=NOTHING)
    if "." not in low:
        whole = int(value)
        if whole <= 2147483647:
            return Typed(str(whole), INT, False, str(whole), literal=whole)
        if whole <= 9223372036854775807:
            return Typed(f"CAST({whole} AS BIGINT)", BIGINT, False, str(whole), literal=whole)
    exact = decimal.Decimal(value)
    exponent = exact.as_tuple().exponent
    scale = -exponent if isinstance(exponent, int) else 0
    precision = max(len(exact.as_tuple().digits), scale)
    if precision > 38:
        raise Refusal(f"{value} has more than 38 digits.", "Write it with an exponent for a DOUBLE.")
    type = Decimal(precision, scale)
    return Typed(f"CAST({exact:f} AS DECIMAL({precision},{scale}))", type, False, f"{exact:f}", literal=exact)


def suffixed(node: exp.Cast) -> str | None:
    """How Spark shows a number with a suffix (`1L`, `2.5D`), which the parser makes a CAST; else None."""
    inner = node.this
    if not isinstance(inner, exp.Literal) or inner.is_string or "end" not in inner.meta:
        return None
    written, digits = inner.meta["end"] - inner.meta["start"] + 1, str(inner.this)
    if written <= len(digits):
        return None
    if node.args["to"].this == exp.DType.DOUBLE and 1e-3 <= abs(float(digits) or 1) < 1e7:
        return str(float(digits))
    return digits


def typed_literal(node: exp.Cast) -> Typed | None:
    """DATE '…' and TIMESTAMP '…', and CASTs of such texts, which mean the same."""
    inner = node.this
    if type(node) is not exp.Cast or not (isinstance(inner, exp.Literal) and inner.is_string):
        return None
    kind = node.args["to"].this
    try:
        if kind == exp.DType.DATE:
            day = read_date(str(inner.this))
            return Typed(date_literal(str(inner.this)), DATE, False, f"DATE '{day.isoformat()}'")
        if kind in (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMP):
            moment = read_timestamp(str(inner.this)).replace(tzinfo=None)
            shown = str(moment).rstrip("0") if moment.microsecond else str(moment)
            return Typed(timestamp_literal(str(inner.this)), TIMESTAMP, False, f"TIMESTAMP '{shown}'")
    except Refusal:
        raise
    return None
