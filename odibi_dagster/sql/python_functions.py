"""The functions of compiled SQL that are written in Python: where DuckDB has nothing of Spark's meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .json_text.parts import json_array_length, json_object_keys, json_tuple
from .json_text.path import get_json_object
from .json_text.record import from_json

_TEXT, _TEXTS = "VARCHAR", "VARCHAR[]"
#: By their name in SQL: the function, DuckDB's types of its arguments, and of its result.
PYTHON_FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[str, ...], str]] = {
    "spark_get_json_object": (get_json_object, (_TEXT, _TEXT), _TEXT),
    "spark_from_json": (from_json, (_TEXT, _TEXT), _TEXT),
    "spark_json_tuple": (json_tuple, (_TEXT, _TEXTS), _TEXTS),
    "spark_json_array_length": (json_array_length, (_TEXT,), "INTEGER"),
    "spark_json_object_keys": (json_object_keys, (_TEXT,), _TEXTS),
}


def create_function(connection: Any, name: str) -> None:
    """Makes one of them known to a DuckDB connection; NULL comes in as None and goes out as it.

    Raises:
        KeyError: there is none of that name.
        duckdb.NotImplementedException: the connection's database has it already.
    """
    function, takes, gives = PYTHON_FUNCTIONS[name]
    connection.create_function(name, function, list(takes), gives, null_handling="special")
