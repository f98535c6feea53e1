"""Text that says a value: accepted only in forms that mean one value exactly."""

from __future__ import annotations

from odibi_dagster.engines.landed.forms import REFUSED, pattern
from odibi_dagster.engines.spark import quote, types
from odibi_dagster.sql.types import TIMESTAMP, SparkType


def strict(expression: str, type: SparkType) -> str:
    """The text as a value of the type; NULL stays NULL, and any other text than an exact form is an error.

    The forms are the same on every engine: Spark's own casts would trim blanks, and take 1e2 for a whole
    number's text.

    Args:
        expression: SQL of a STRING.
        type: one for which `readable` is true.
    """
    forms = pattern(type)
    if forms is None:
        return expression
    value = expression
    if type == TIMESTAMP:  # Spark wants minutes in a zone
        value = f"regexp_replace({expression}, '(:[0-9.]+[+-][0-9]{{2}})$', '$1:00')"
    kind = types.ddl(type)
    refuse = f"CAST(raise_error({quote.text(REFUSED)}) AS {kind})"
    whole = rf"\A(?:{forms})\z"
    exact = f"{expression} RLIKE {quote.text(whole)}"
    return f"CASE WHEN {expression} IS NULL OR {exact} THEN CAST({value} AS {kind}) ELSE {refuse} END"
