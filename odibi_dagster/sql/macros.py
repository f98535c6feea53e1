"""What every DuckDB connection needs before it runs compiled SQL: settings and `spark_*` macros."""

from __future__ import annotations

from .access import ACCESS_MACROS
from .catalogue.arithmetic import QUOTIENT_MACROS
from .catalogue.array_sets import SET_MACROS
from .catalogue.arrays import ARRAY_MACROS
from .catalogue.bitwise import BIT_MACROS
from .catalogue.cast_text import CAST_MACROS
from .catalogue.dates import DATE_MACROS
from .catalogue.datetime_text import PATTERN_MACROS
from .catalogue.encodings import ENCODING_MACROS
from .catalogue.epochs import EPOCH_MACROS
from .catalogue.formats import FORMAT_MACROS
from .catalogue.json_text import JSON_MACROS
from .catalogue.lambdas import LAMBDA_MACROS
from .catalogue.maps import MAP_MACROS
from .catalogue.math import MATH_MACROS
from .catalogue.numbers import NUMBER_MACROS
from .catalogue.ordered import ORDERED_MACROS
from .catalogue.regex import REGEX_MACROS
from .catalogue.rounding import ROUNDING_MACROS
from .catalogue.search import SEARCH_MACROS
from .catalogue.slices import SLICE_MACROS
from .catalogue.statistics import STATISTICS_MACROS
from .catalogue.strings import STRING_MACROS
from .catalogue.timestamps import TIME_MACROS
from .catalogue.try_arithmetic import TRY_MACROS

SETTINGS: tuple[str, ...] = (
    "SET TimeZone = 'UTC'",
    "SET ieee_floating_point_ops = false",  # x / 0 raises, as in Spark
    "SET integer_division = false",
    "SET scalar_subquery_error_on_multiple_rows = true",
    "SET default_null_order = 'nulls_last'",
    "SET default_collation = ''",
)

MACROS: tuple[str, ...] = (
    *ACCESS_MACROS,
    *QUOTIENT_MACROS,
    *CAST_MACROS,
    *STRING_MACROS,
    *MATH_MACROS,
    *ROUNDING_MACROS,
    *NUMBER_MACROS,
    *BIT_MACROS,
    *TRY_MACROS,
    *STATISTICS_MACROS,
    *ORDERED_MACROS,
    *SLICE_MACROS,
    *SEARCH_MACROS,
    *ENCODING_MACROS,
    *FORMAT_MACROS,
    *ARRAY_MACROS,
    *SET_MACROS,
    *DATE_MACROS,
    *TIME_MACROS,
    *EPOCH_MACROS,
    *PATTERN_MACROS,
    *LAMBDA_MACROS,
    *JSON_MACROS,
    *MAP_MACROS,
    *REGEX_MACROS,
)
