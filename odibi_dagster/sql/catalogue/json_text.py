"""JSON in columns of text."""

from __future__ import annotations

from odibi_dagster.sql.json_text.path import parse_path
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import INT, STRING, Array, Column, Struct

from .entry import Call, Entry
from .text import strings


def get(call: Call) -> Typed:
    """get_json_object(s, 'path'): a text, NULL where nothing is there or the text is no JSON."""
    path = call.literal(1)
    if not isinstance(path, str) or parse_path(path) is None:
        raise call.refuse(
            "Put it together from $, .name, ['name'], [0] and [*].",
            f"The path {call.args[1].name} of get_json_object is not supported.",
        )
    return call.result(f"spark_get_json_object({strings(call, 0)[0]}, {text(path)})", STRING, nullable=True)


def parts(call: Call) -> Typed:
    """json_tuple(s, 'name', …): a row with a text for each name, `c0`, `c1`, …."""
    names = [arg.literal for arg in call.args[1:]]
    if not all(isinstance(name, str) for name in names):
        raise call.refuse("The names are literals.")
    columns = tuple(Column(f"c{at}", STRING) for at in range(len(names)))
    made = f"spark_json_tuple({strings(call, 0)[0]}, [{', '.join(map(text, names))}])"
    if len(names) > 1:
        fields = ", ".join(f"c{at} := spark_x[{at + 1}]" for at in range(len(names)))
        made = f"list_transform([{made}], lambda spark_x: struct_pack({fields}))"
    return call.result(made, Array(Struct(columns)), nullable=False)


def length(call: Call) -> Typed:
    """json_array_length: NULL where the text is no array."""
    return call.result(f"spark_json_array_length({strings(call, 0)[0]})", INT, nullable=True)


def keys(call: Call) -> Typed:
    """json_object_keys: NULL where the text is no object."""
    return call.result(f"spark_json_object_keys({strings(call, 0)[0]})", Array(STRING), nullable=True)


_RULE = "Spark SQL reference; measured: single quotes and text behind the value are forgiven"
_DEEP = "no more than 200 levels; numbers with a point print as Java 19 prints doubles"
TITLE = "JSON"
ENTRIES = (
    Entry(
        "get_json_object", "text, literal path of $, .name, ['name'], [0], [*]", "string", get, (2, 2),
        literals=(1,), rule=_RULE, limits=_DEEP,
    ),
    Entry(
        "json_tuple", "text, literal names", "c0, c1, …, text", parts, (2, None), kind="generator",
        rule=_RULE, limits=f"one in a SELECT, and none beside GROUP BY; {_DEEP}",
    ),
    Entry("json_array_length", "text", "int", length, rule=_RULE, limits="no more than 200 levels"),
    Entry("json_object_keys", "text", "array<string>", keys, rule=_RULE, limits="no more than 200 levels"),
)  # fmt: skip
