"""Spark SQL, compiled to DuckDB with Spark's results, types and names, or refused."""

from .compile import Compiled, compile_query
from .macros import MACROS, SETTINGS
from .parse import Query, parse_query
from .predicate import Predicate, check_predicate, compile_predicate
from .types import Column, Schema, SparkType, from_delta, from_duckdb, parse_type, to_delta, to_duckdb
from .verify import verify

__all__ = [
    "MACROS",
    "SETTINGS",
    "Column",
    "Compiled",
    "Predicate",
    "Query",
    "Schema",
    "SparkType",
    "check_predicate",
    "compile_predicate",
    "compile_query",
    "from_delta",
    "from_duckdb",
    "parse_query",
    "parse_type",
    "to_delta",
    "to_duckdb",
    "verify",
]
