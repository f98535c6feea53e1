"""Arrays as sets, and arrays with elements added, taken away and put together."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.access import packed
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BOOLEAN, DOUBLE, FLOAT, INT, VOID, Array, Column, SparkType, Struct

from .arrays import array_of, integer
from .entry import Call, Entry
from .ordering import is_orderable

SET_MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO spark_distinct(a) AS
         list_filter(a, lambda spark_x, spark_i: list_position(a, spark_x) = spark_i)""",
    """CREATE OR REPLACE TEMP MACRO spark_joined(a, b) AS
         CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END""",
    "CREATE OR REPLACE TEMP MACRO spark_array_union(a, b) AS spark_distinct(spark_joined(a, b))",
    """CREATE OR REPLACE TEMP MACRO spark_array_intersect(a, b) AS
         CASE WHEN b IS NOT NULL THEN
           list_filter(spark_distinct(a), lambda spark_y: list_position(b, spark_y) IS NOT NULL) END""",
    """CREATE OR REPLACE TEMP MACRO spark_array_except(a, b) AS
         CASE WHEN b IS NOT NULL THEN
           list_filter(spark_distinct(a), lambda spark_y: list_position(b, spark_y) IS NULL) END""",
    """CREATE OR REPLACE TEMP MACRO spark_array_remove(a, e) AS
         CASE WHEN e IS NOT NULL THEN list_filter(a, lambda spark_x: spark_x IS DISTINCT FROM e) END""",
    """CREATE OR REPLACE TEMP MACRO spark_arrays_overlap(a, b) AS
         CASE WHEN a IS NULL OR b IS NULL THEN NULL
              WHEN len(list_filter(a, lambda spark_x: spark_x IS NOT NULL
                                                  AND list_position(b, spark_x) IS NOT NULL)) > 0 THEN true
              WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) THEN NULL
              ELSE false END""",
    # Before `place` (from 1; from the end if negative, -1 is behind the last); gaps are filled with NULLs.
    """CREATE OR REPLACE TEMP MACRO spark_array_insert(a, place, e) AS
         CASE WHEN a IS NULL OR place IS NULL THEN NULL
              WHEN place = 0 THEN error('The index 0 is invalid: the first element has index 1.')
              WHEN place > len(a)
              THEN list_append(list_concat(a, list_resize(a[2:1], place - 1 - len(a))), e)
              WHEN place > 0 THEN list_concat(list_append(a[1:place - 1], e), a[place:])
              WHEN -place > len(a) + 1
              THEN list_concat(list_append(a[2:1], e), list_resize(a[2:1], -place - 1 - len(a)), a)
              ELSE list_concat(list_append(a[1:len(a) + place + 1], e), a[len(a) + place + 2:]) END""",
)


def _plain(sql: str, element: SparkType) -> str:
    """The array with -0.0 as 0.0, as Spark has it when it compares."""
    return f"list_transform({sql}, lambda spark_x: spark_x + 0.0)" if element in (DOUBLE, FLOAT) else sql


def _has_doubles(type: SparkType) -> bool:
    if isinstance(type, Array):
        return _has_doubles(type.element)
    if isinstance(type, Struct):
        return any(_has_doubles(field.type) for field in type.fields)
    return type in (DOUBLE, FLOAT)


def _comparable(call: Call, element: SparkType) -> None:
    if not is_orderable(element):
        raise call.refuse("Maps are not compared.")
    if isinstance(element, Array | Struct) and _has_doubles(element):
        raise call.refuse("CAST the doubles inside to DECIMAL.")


def _common(call: Call) -> SparkType:
    element = array_of(call, 0).element
    for at in range(1, len(call.args)):
        element = coerce.tight(element, array_of(call, at).element)
    return element


def distinct(call: Call) -> Typed:
    """array_distinct: the first of equal elements stays, in its place."""
    type = array_of(call, 0)
    _comparable(call, type.element)
    return call.result(f"spark_distinct({_plain(call.args[0].sql, type.element)})", type)


def combined(call: Call) -> Typed:
    """array_union, array_intersect, array_except: without duplicates, in the order of first appearance."""
    element = _common(call)
    _comparable(call, element)
    parts = ", ".join(_plain(coerce.to(arg, Array(element)), element) for arg in call.args)
    return call.result(f"spark_{call.name}({parts})", Array(element))


def overlap(call: Call) -> Typed:
    """arrays_overlap: NULL where nothing is common but a NULL may be."""
    element = _common(call)
    _comparable(call, element)
    parts = ", ".join(coerce.to(arg, Array(element)) for arg in call.args)
    return call.result(f"spark_arrays_overlap({parts})", BOOLEAN, nullable=True)


def _with_value(call: Call, at: int) -> tuple[str, str, SparkType]:
    element = coerce.tight(array_of(call, 0).element, call.args[at].type)
    if element == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    return coerce.to(call.args[0], Array(element)), coerce.to(call.args[at], element), element


def remove(call: Call) -> Typed:
    """array_remove(a, x): every element that equals x; NULLs stay."""
    array, value, element = _with_value(call, 1)
    _comparable(call, element)
    return call.result(f"spark_array_remove({array}, {value})", Array(element))


def add(call: Call) -> Typed:
    """array_append and array_prepend: NULL arrays stay NULL."""
    array, value, element = _with_value(call, 1)
    sql = (
        f"list_append({array}, {value})" if call.name == "array_append" else f"list_prepend({value}, {array})"
    )
    guarded = f"(CASE WHEN {array} IS NOT NULL THEN {sql} END)"
    return call.result(guarded, Array(element), nullable=call.args[0].nullable)


def insert(call: Call) -> Typed:
    """array_insert(a, position, x): from 1, or from the end; gaps are filled with NULL."""
    if call.args[1].type != INT:
        raise call.refuse("The position is an INT.")
    array, value, element = _with_value(call, 2)
    sql = f"spark_array_insert({array}, {integer(call, 1)}, {value})"
    return call.result(sql, Array(element), nullable=call.args[0].nullable or call.args[1].nullable)


def concat(call: Call) -> Typed:
    """concat of arrays: NULL if any is."""
    element = array_of(call, 0).element
    for at in range(1, len(call.args)):
        element = coerce.wider(element, array_of(call, at).element)
    sql, *rest = [coerce.to(arg, Array(element)) for arg in call.args]
    for part in rest:
        sql = f"spark_joined({sql}, {part})"
    name = f"concat({', '.join(arg.name for arg in call.args)})"
    return call.result(sql, Array(element), name=name)


def zip_(call: Call) -> Typed:
    """arrays_zip: structs of the elements of one place, NULL where an array is shorter."""
    names = [
        (arg.column or str(at)) if isinstance(node, exp.Column) else str(at)
        for at, (arg, node) in enumerate(zip(call.args, call.node.expressions, strict=True))
    ]
    if len({name.lower() for name in names}) != len(names):
        raise Refusal("arrays_zip of one column twice.", "Use transform with an index.")
    fields = tuple(Column(name, array_of(call, at).element) for at, name in enumerate(names))
    if any(field.type == VOID for field in fields):
        raise call.refuse("Give NULL a type: CAST(NULL AS ARRAY<INT>).")
    longest = f"greatest({', '.join(f'len({arg.sql})' for arg in call.args)})"
    known = " AND ".join(f"{arg.sql} IS NOT NULL" for arg in call.args)
    one = packed([(name, f"{arg.sql}[spark_z]") for name, arg in zip(names, call.args, strict=True)])
    sql = f"(CASE WHEN {known} THEN list_transform(range(1, {longest} + 1), lambda spark_z: {one}) END)"
    return call.result(sql, Array(Struct(fields)))


_PAIR = "array, array of a common type"
_WITH = "array, value"
TITLE = "Arrays put together"
ENTRIES = (
    Entry("array_distinct", "array", "its type", distinct, limits="no arrays of arrays"),
    Entry("array_union", _PAIR, "array", combined, (2, 2)),
    Entry("array_intersect", _PAIR, "array", combined, (2, 2)),
    Entry("array_except", _PAIR, "array", combined, (2, 2)),
    Entry("arrays_overlap", _PAIR, "boolean", overlap, (2, 2)),
    Entry("array_remove", _WITH, "array", remove, (2, 2)),
    Entry("array_append", _WITH, "array", add, (2, 2)),
    Entry("array_prepend", _WITH, "array", add, (2, 2)),
    Entry("array_insert", "array, int, value", "array", insert, (3, 3)),
    Entry("arrays_zip", "arrays", "array of structs", zip_, (1, None), limits="no column twice"),
)
