"""Text that says a value: accepted only in forms that mean one value exactly."""

from __future__ import annotations

from odibi_dagster.engines.pandas import quote
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
    to_duckdb,
)

#: In the message of a refused value, so that the failure is recognized.
REFUSED = "odibi-refused-value"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def readable(type: SparkType) -> bool:
    """Whether text can say a value of the type."""
    return type == STRING or pattern(type) is not None


def strict(expression: str, type: SparkType) -> str:
    """The text as a value of the type; NULL stays NULL, and any other text than an exact form is an error.

    DuckDB's own casts would round 1.9 to 2 and take 1_000 for 1000.

    Args:
        expression: SQL of a VARCHAR.
        type: one for which `readable` is true.
    """
    forms = pattern(type)
    if forms is None:
        return expression
    refuse = f"error({quote.text(REFUSED)})"
    return (
        f"CASE WHEN {expression} IS NULL OR regexp_full_match({expression}, {quote.text(forms)}) "
        f"THEN {_cast('CAST', expression, type)} ELSE CAST({refuse} AS {to_duckdb(type)}) END"
    )


def refused(expression: str, type: SparkType) -> str:
    """Whether `strict` refuses the text: a predicate that raises nothing."""
    forms = pattern(type)
    if forms is None:
        return "false"
    return (
        f"({expression} IS NOT NULL AND (NOT regexp_full_match({expression}, {quote.text(forms)}) "
        f"OR {_cast('TRY_CAST', expression, type)} IS NULL))"
    )


def _cast(how: str, expression: str, type: SparkType) -> str:
    if type in (FLOAT, DOUBLE):
        expression = f"replace(lower({expression}), 'infinity', 'inf')"
    return f"{how}({expression} AS {to_duckdb(type)})"


def pattern(type: SparkType) -> str | None:
    """The forms of a type's values, as a regular expression over the whole text (RE2)."""
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
