"""What every DuckDB connection needs before it runs compiled SQL: settings and `spark_*` macros."""

from __future__ import annotations

from .catalogue.arithmetic import QUOTIENT_MACROS
from .catalogue.casts import CAST_MACROS
from .catalogue.strings import STRING_MACROS

SETTINGS: tuple[str, ...] = (
    "SET TimeZone = 'UTC'",
    "SET ieee_floating_point_ops = false",  # x / 0 raises, as in Spark
    "SET integer_division = false",
    "SET scalar_subquery_error_on_multiple_rows = true",
    "SET default_null_order = 'nulls_last'",
    "SET default_collation = ''",
)

MACROS: tuple[str, ...] = (
    *QUOTIENT_MACROS,
    *CAST_MACROS,
    *STRING_MACROS,
)
