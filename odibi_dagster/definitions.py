"""The platform on one page: an environment, a folder of tables, and what Dagster makes of them.

ODIBI_ENV     which deployment: `local`, or the path of an environment file
ODIBI_TABLES  the folder with bronze/, silver/ and gold/; the shipped tables without it
ODIBI_LAKE    the root of the local layers
"""

from odibi_dagster.build import build_defs

defs = build_defs()
