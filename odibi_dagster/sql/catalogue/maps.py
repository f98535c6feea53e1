"""Maps."""

from __future__ import annotations

import re

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    STRING,
    VOID,
    Array,
    Column,
    Map,
    SparkType,
    Struct,
)

from .arrays import array_of
from .entry import Call, Entry

MAP_MACROS: tuple[str, ...] = (
    # DuckDB gives NULL for a NULL list of entries; one NULL entry makes Spark's map NULL.
    """CREATE OR REPLACE TEMP MACRO spark_map_from_entries(l) AS
         CASE WHEN list_count(l) = len(l) THEN map_from_entries(l) END""",
    """CREATE OR REPLACE TEMP MACRO spark_str_to_map(s, pairs, parts) AS
         map_from_entries(list_transform(string_split(s, pairs), lambda spark_x: struct_pack(
           key := split_part(spark_x, parts, 1),
           value := CASE WHEN contains(spark_x, parts)
                         THEN substring(spark_x, instr(spark_x, parts) + length(parts)) END)))""",
)


def _check(call: Call, type: Map) -> Map:
    if VOID in (type.key, type.value):
        raise call.refuse("Give NULL a type: CAST(NULL AS STRING).")
    if isinstance(type.key, Map):
        raise call.refuse("A map is no key.")
    return type


def map_of(call: Call, at: int) -> Map:
    """The type of an argument that has to be a map.

    Raises:
        Refusal: it is none.
    """
    type = call.args[at].type
    if not isinstance(type, Map):
        raise call.refuse("Give it a map.")
    return type


def make(call: Call) -> Typed:
    """map(k, v, …): keys of one common type, values of another; duplicate and NULL keys raise."""
    if len(call.args) % 2 or not call.args:
        raise call.refuse("Write map(key, value, …).", f"map has {len(call.args)} arguments.")
    keys, values = call.args[::2], call.args[1::2]
    type = _check(call, Map(coerce.common(keys), coerce.common(values)))
    made = ", ".join(coerce.to(one, type.key) for one in keys)
    held = ", ".join(coerce.to(one, type.value) for one in values)
    return call.result(f"map([{made}], [{held}])", type, nullable=False)


def from_arrays(call: Call) -> Typed:
    """map_from_arrays(keys, values): of one length; duplicate and NULL keys raise."""
    type = _check(call, Map(array_of(call, 0).element, array_of(call, 1).element))
    sql = f"map({call.args[0].sql}, {call.args[1].sql})"
    known = " AND ".join(f"{arg.sql} IS NOT NULL" for arg in call.args)
    return call.result(f"(CASE WHEN {known} THEN {sql} END)", type)


def from_entries(call: Call) -> Typed:
    """map_from_entries(array of structs of two fields)."""
    element = array_of(call, 0).element
    if not isinstance(element, Struct) or len(element.fields) != 2:
        raise call.refuse("Its elements are structs of two fields.")
    names = [text(field.name) for field in element.fields]
    type = _check(call, Map(element.fields[0].type, element.fields[1].type))
    first = f"struct_extract(spark_x, {names[0]})" + (" + 0.0" if type.key in (DOUBLE, FLOAT) else "")
    pair = f"CASE WHEN spark_x IS NOT NULL THEN struct_pack(key := {first}, " \
           f"value := struct_extract(spark_x, {names[1]})) END"  # fmt: skip
    listed = f"list_transform({call.args[0].sql}, lambda spark_x: {pair})"
    return call.result(f"spark_map_from_entries({listed})", type, nullable=True)


def keys(call: Call) -> Typed:
    """map_keys, map_values, map_entries: in the map's order."""
    type = map_of(call, 0)
    element: SparkType = type.key if call.name == "map_keys" else type.value
    if call.name == "map_entries":
        element = Struct((Column("key", type.key), Column("value", type.value)))
    return call.result(f"{call.name}({call.args[0].sql})", Array(element))


def concat(call: Call) -> Typed:
    """map_concat: a key that is there twice raises; NULL if any map is."""
    type = map_of(call, 0)
    for at in range(1, len(call.args)):
        other = map_of(call, at)
        type = Map(coerce.wider(type.key, other.key), coerce.wider(type.value, other.value))
    if type.key in (DOUBLE, FLOAT):
        raise call.refuse("CAST the keys to DECIMAL: of -0.0 and 0.0 either may stay.")
    entries, *rest = [f"map_entries({coerce.to(arg, _check(call, type))})" for arg in call.args]
    for part in rest:
        entries = f"spark_joined({entries}, {part})"
    return call.result(f"map_from_entries({entries})", type)


def contains(call: Call) -> Typed:
    """map_contains_key."""
    type, value = map_of(call, 0), call.args[1]
    if value.type == VOID:
        raise call.refuse("NULL is in no map.")
    wide = coerce.tight(type.key, value.type)
    listed = coerce.to(Typed(f"map_keys({call.args[0].sql})", Array(type.key), True, ""), Array(wide))
    sql = f"spark_array_contains({listed}, {coerce.to(value, wide)})"
    return call.result(sql, BOOLEAN)


_PLAIN = re.compile(r"[^\\.\[\]{}()*+?^$|]+")


def from_text(call: Call) -> Typed:
    """str_to_map(s[, between pairs[, between key and value]]): without the latter the value is NULL."""
    if call.args[0].type not in (STRING, VOID):
        raise call.refuse("CAST it to STRING.")
    pairs = call.literal(1) if len(call.args) > 1 else ","
    parts = call.literal(2) if len(call.args) > 2 else ":"
    if not all(isinstance(one, str) and _PLAIN.fullmatch(one) for one in (pairs, parts)):
        raise call.refuse("Its separators are literals without special characters of regular expressions.")
    names = [call.args[0].name, pairs, parts]
    sql = f"spark_str_to_map({coerce.to(call.args[0], STRING)}, {text(pairs)}, {text(parts)})"
    return call.result(sql, Map(STRING, STRING), name=f"str_to_map({', '.join(names)})")


_RAISES = "duplicate and NULL keys raise"
TITLE = "Maps"
ENTRIES = (
    Entry("map", "keys and values in turn", "map", make, (2, None), limits=_RAISES),
    Entry("map_from_arrays", "array, array", "map", from_arrays, (2, 2), limits=_RAISES),
    Entry("map_from_entries", "array of structs of two fields", "map", from_entries, limits=_RAISES),
    Entry("map_keys", "map", "array", keys),
    Entry("map_values", "map", "array", keys),
    Entry("map_entries", "map", "array of structs", keys),
    Entry("map_concat", "maps", "map", concat, (1, None), limits=_RAISES),
    Entry("map_contains_key", "map, key", "boolean", contains, (2, 2)),
    Entry(
        "str_to_map", "text[, literal[, literal]]", "map<string,string>", from_text, (1, 3), literals=(1, 2),
        limits="separators without special characters of regular expressions; duplicate keys raise",
    ),
)  # fmt: skip
