"""Values in Delta's statistics, such that readers of every kind find what they bound."""

from __future__ import annotations

import math
from decimal import Decimal as Number

Value = int | float | str


def number(text: str) -> Value:
    """A decimal as JSON: a number where a double prints exactly these digits, else its text."""
    value = Number(text)
    if value == value.to_integral_value():
        return int(value)
    printed = repr(float(value))
    return float(value) if "e" not in printed and Number(printed) == value else f"{value:f}"


def floats(low: float, high: float) -> tuple[float, float] | None:
    """The bounds of a FLOAT's or DOUBLE's values, or None where JSON does not say them."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return None  # JSON has no infinity, and Spark takes NaN for the largest number
    # Readers that order by bits put -0.0 below 0.0; either may be in the file (Parquet, "ColumnOrder").
    return (-0.0 if low == 0 else low), (0.0 if high == 0 else high)
