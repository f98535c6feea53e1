"""What stands inside of a value: fields of structs, elements of arrays, values of maps."""

from __future__ import annotations

from . import coerce
from .refusal import Refusal
from .typed import Typed, combine, text
from .types import BIGINT, INTEGRAL, VOID, Array, Column, Map, Struct, quote

ACCESS_MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO spark_item(a, i) AS
         CASE WHEN i < 0 OR i >= len(a)
              THEN error('The index ' || i || ' is out of bounds: the array has ' || len(a) || ' elements.')
              ELSE a[i + 1] END""",
)


def find_field(type: Struct, name: str) -> Column:
    """The struct's only field of that name, of any case.

    Raises:
        Refusal: there is none, or several.
    """
    found = [field for field in type.fields if field.name.lower() == name.lower()]
    if len(found) != 1:
        known = ", ".join(field.name for field in type.fields)
        what = f"{name} is ambiguous in {type}." if found else f"{type} has no field {name}."
        raise Refusal(what, f"Its fields are {known}.")
    return found[0]


def field(value: Typed, name: str) -> Typed:
    """`value.name`: a struct's field, or the array of that field over an array of structs.

    Raises:
        Refusal: the value holds no structs, or they have no such field.
    """
    shown = f"{value.name}.{name}"
    if isinstance(value.type, Struct):
        found = find_field(value.type, name)
        sql = f"struct_extract({value.sql}, {text(found.name)})"
        return combine(sql, found.type, shown, value, nullable=value.nullable or found.nullable)
    if isinstance(value.type, Array) and isinstance(value.type.element, Struct):
        found = find_field(value.type.element, name)
        sql = f"list_transform({value.sql}, lambda spark_s: struct_extract(spark_s, {text(found.name)}))"
        return combine(sql, Array(found.type), shown, value)
    raise Refusal(f"{value.name} is {value.type}: it has no fields.", "Only structs have fields.")


def item(value: Typed, key: Typed) -> Typed:
    """`value[key]`: an array's element counted from 0, a map's value, a struct's field.

    An index outside of the array raises; a key that is not in the map gives NULL.

    Raises:
        Refusal: the value is none of them, or the key's type does not fit.
    """
    shown = f"{value.name}[{key.name}]"
    if isinstance(value.type, Array):
        if key.type not in INTEGRAL and key.type != VOID:
            raise Refusal(f"{key.name} is {key.type}: an array's index is an integer.", "CAST it to INT.")
        sql = f"spark_item({value.sql}, {coerce.to(key, BIGINT)})"
        return combine(sql, value.type.element, shown, value, key, nullable=True)
    if isinstance(value.type, Map):
        sql = f"map_extract_value({value.sql}, {coerce.to(key, value.type.key)})"
        return combine(sql, value.type.value, shown, value, key, nullable=True)
    if isinstance(value.type, Struct) and isinstance(key.literal, str):
        return field(value, key.literal)
    raise Refusal(f"{value.name} is {value.type}: it has no elements.", "Arrays, maps and structs have them.")


def fields(value: Typed) -> list[tuple[str, Typed]]:
    """`value.*`: every field of a struct with its name.

    Raises:
        Refusal: the value is no struct.
    """
    if not isinstance(value.type, Struct):
        raise Refusal(f"{value.name} is {value.type}: it has no fields.", "Only structs have fields.")
    return [(field_.name, field(value, field_.name)) for field_ in value.type.fields]


def packed(parts: list[tuple[str, str]]) -> str:
    """DuckDB text of a struct of (field name, DuckDB text) pairs."""
    return "struct_pack(" + ", ".join(f"{quote(name)} := {sql}" for name, sql in parts) + ")"
