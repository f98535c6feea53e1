"""What every DuckDB connection needs before it runs compiled SQL: settings and `spark_*` macros."""

from __future__ import annotations

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
    # An exact quotient of two 128-bit integers, halves away from zero.
    """CREATE OR REPLACE TEMP MACRO spark_half_up(n, d) AS n // d + CASE
         WHEN 2 * abs(n % d) < abs(d) THEN 0 WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END""",
    *CAST_MACROS,
    *STRING_MACROS,
)
