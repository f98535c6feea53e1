"""What the shipped tables must hold, worked out from the landed rows with plain Python and `decimal`.

The files are read with DuckDB (reading only); no rule here is computed by an engine under test.
"""

from odibi_dagster_tests.oracle.checks import expected_checks
from odibi_dagster_tests.oracle.compare import differences
from odibi_dagster_tests.oracle.expected import TYPES, expected_tables

__all__ = ["TYPES", "differences", "expected_checks", "expected_tables"]
