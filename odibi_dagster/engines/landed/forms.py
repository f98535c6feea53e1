"""In which forms text says a value: those that mean one value exactly, the same on every engine."""

from __future__ import annotations

from odibi_dagster.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Decimal,
    SparkType,
)

#: In the message of a refused value, so that the failure is recognized.
REFUSED = "odibi-refused-value"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def readable(type: SparkType) -> bool:
    """Whether text can say a value of the type."""
    return type == STRING or pattern(type) is not None


def pattern(type: SparkType) -> str | None:
    """The forms of a type's values, as a regular expression over the whole text (of RE2 and Java alike)."""
    if type == BOOLEAN:
        return "(?i)true|false"
    if type in INTEGRAL:
        return "[+-]?[0-9]+"
    if isinstance(type, Decimal):
        # Digits behind the scale must be zeros: nothing is rounded.
        return rf"[+-]?([0-9]+(\.[0-9]{{0,{type.scale}}}0*)?|\.[0-9]{{1,{max(type.scale, 1)}}}0*)"
    if type in (FLOAT, DOUBLE):
        return r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?(Inf|Infinity)"
    if type == DATE:
        return _DAY
    if type == TIMESTAMP:
        return f"{_DAY}([ T]{_TIME}{_ZONE}?)?"
    if type == TIMESTAMP_NTZ:
        return f"{_DAY}([ T]{_TIME})?"
    return None
