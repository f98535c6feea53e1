"""Text that says a value: accepted only in forms that mean one value exactly."""

from __future__ import annotations

from odibi_dagster.engines.landed.forms import REFUSED, pattern
from odibi_dagster.engines.pandas import quote
from odibi_dagster.sql.types import DOUBLE, FLOAT, SparkType, to_duckdb


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
