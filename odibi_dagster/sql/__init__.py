"""Spark SQL, compiled to DuckDB with Spark's results, types and names, or refused.

The parser is imported with the first name that needs it: definitions whose SQL is known load without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compile import Compiled, compile_query
    from .macros import MACROS, SETTINGS
    from .parse import parse_query
    from .predicate import Predicate, check_predicate, compile_predicate
    from .query import Query
    from .types import Column, Schema, SparkType, from_delta, from_duckdb, parse_type, to_delta, to_duckdb
    from .verify import verify

_HOME = {
    **dict.fromkeys(("Compiled", "compile_query"), "compile"),
    **dict.fromkeys(("MACROS", "SETTINGS"), "macros"),
    "parse_query": "parse",
    **dict.fromkeys(("Predicate", "check_predicate", "compile_predicate"), "predicate"),
    "Query": "query",
    **dict.fromkeys(
        (
            "Column",
            "Schema",
            "SparkType",
            "from_delta",
            "from_duckdb",
            "parse_type",
            "to_delta",
            "to_duckdb",
        ),
        "types",
    ),
    "verify": "verify",
}

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


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # A function may have its module's name (`verify`): it takes the module's place here, once and for all.
    globals()[name] = found = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    return found
