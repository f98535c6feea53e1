"""Structs."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql.access import packed
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import VOID, Column, Struct

from .entry import Call, Entry


def _packed(call: Call, names: list[str], values: list[Typed]) -> Typed:
    if len({name.lower() for name in names}) != len(names):
        raise Refusal(
            f"A struct with the fields {', '.join(names)} has one of them twice.", "Rename one: AS …."
        )
    if any(value.type == VOID for value in values):
        raise call.refuse("Give NULL a type: CAST(NULL AS STRING).")
    type = Struct(tuple(Column(name, value.type) for name, value in zip(names, values, strict=True)))
    sql = packed([(name, value.sql) for name, value in zip(names, values, strict=True)])
    return call.result(sql, type, nullable=False)


def struct(call: Call) -> Typed:
    """struct(…): fields have the columns' names and aliases, else col1, col2, …."""
    names = []
    for at, (node, arg) in enumerate(zip(call.node.expressions, call.args, strict=True), 1):
        if isinstance(node, exp.Identifier):
            names.append(node.name)
        elif isinstance(node, exp.Dot):
            names.append(node.expression.name)
        elif isinstance(node, exp.Bracket) and node.expressions[0].is_string:
            names.append(node.expressions[0].name)
        elif isinstance(node, exp.Alias | exp.Column) and arg.column:
            names.append(arg.column)
        else:
            names.append(f"col{at}")
    return _packed(call, names, call.args)


def named_struct(call: Call) -> Typed:
    """named_struct('name', value, …)."""
    names = [arg.literal for arg in call.args[::2]]
    if len(call.args) % 2 or not all(isinstance(name, str) and name for name in names):
        raise call.refuse("Write named_struct('name', value, …).")
    return _packed(call, names, call.args[1::2])


TITLE = "Structs"
ENTRIES = (
    Entry(
        "struct", "values, with names behind AS", "struct", struct, (1, None), limits="no *; no field twice"
    ),
    Entry(
        "named_struct",
        "literal names and values in turn",
        "struct",
        named_struct,
        (2, None),
        limits="no bare NULL; no field twice; nested values are not compared",
    ),
)
