"""int(x), string(x), date(x), …: CAST written as a function."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import SparkType, parse_type

from .casts import cast
from .entry import Call, Emit, Entry

_NAMES = (
    "boolean", "tinyint", "smallint", "int", "bigint", "double", "decimal", "string", "binary", "date",
    "timestamp",
)  # fmt: skip


def _emit(type: SparkType) -> Emit:
    def emit(call: Call) -> Typed:
        typed = cast(Call("CAST", call.args, call.node), type, forgiving=False)
        value = call.args[0]
        # Spark names it after what is cast.
        return replace(typed, column=value.column, name=value.name)

    return emit


TITLE = "Casts as functions"
ENTRIES = tuple(
    Entry(name, f"as CAST(x AS {name.upper()})", name, _emit(parse_type(name)), rule="CAST")
    for name in _NAMES
)
