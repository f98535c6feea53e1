"""Arrays: making them, and looking into them."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.access import item
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    INT,
    INTEGRAL,
    VOID,
    Array,
    Map,
    SparkType,
    to_duckdb,
)

from .entry import Call, Entry
from .ordering import is_orderable

ARRAY_MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO spark_element(a, i) AS
         CASE WHEN a IS NULL THEN NULL
              WHEN i = 0 THEN error('The index 0 is invalid: the first element has index 1.')
              WHEN abs(i) > len(a)
              THEN error('The index ' || i || ' is out of bounds: the array has ' || len(a) || ' elements.')
              ELSE a[i] END""",
    """CREATE OR REPLACE TEMP MACRO spark_try_element(a, i) AS
         CASE WHEN i = 0 AND a IS NOT NULL
              THEN error('The index 0 is invalid: the first element has index 1.')
              ELSE a[i] END""",
    """CREATE OR REPLACE TEMP MACRO spark_array_contains(a, e) AS
         CASE WHEN a IS NULL OR e IS NULL THEN NULL
              WHEN list_contains(a, e) THEN true
              WHEN list_count(a) < len(a) THEN NULL
              ELSE false END""",
    """CREATE OR REPLACE TEMP MACRO spark_array_position(a, e) AS
         CASE WHEN a IS NULL OR e IS NULL THEN NULL
              ELSE CAST(COALESCE(list_position(a, e), 0) AS BIGINT) END""",
    """CREATE OR REPLACE TEMP MACRO spark_slice(a, first, size) AS
         CASE WHEN a IS NULL OR first IS NULL OR size IS NULL THEN NULL
              WHEN first = 0 THEN error('slice starts at 1, or at -1 from the end; not at 0.')
              WHEN size < 0 THEN error('slice takes a length from 0 on, not ' || size || '.')
              WHEN abs(first) > len(a) OR size = 0 THEN a[2:1]
              WHEN first > 0 THEN a[first:first + size - 1]
              ELSE a[len(a) + first + 1:len(a) + first + size] END""",
    """CREATE OR REPLACE TEMP MACRO spark_flatten(a) AS
         CASE WHEN list_count(a) < len(a) THEN NULL ELSE flatten(a) END""",
    """CREATE OR REPLACE TEMP MACRO spark_sequence(a, b, step) AS
         CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL
              WHEN a = b THEN [a]
              WHEN step = 0 OR (step > 0) <> (b > a)
              THEN error('sequence cannot go from ' || a || ' to ' || b || ' by ' || step || '.')
              ELSE generate_series(a, b, step) END""",
)


def array_of(call: Call, at: int) -> Array:
    """The type of an argument that has to be an array.

    Raises:
        Refusal: it is none.
    """
    type = call.args[at].type
    if not isinstance(type, Array):
        raise call.refuse("Give it an array.")
    return type


def integer(call: Call, at: int, type: SparkType = BIGINT) -> str:
    """An argument that has to be an integer, as DuckDB text."""
    if call.args[at].type not in (*INTEGRAL, VOID):
        raise call.refuse("CAST it to INT.")
    return coerce.to(call.args[at], type)


def make(call: Call) -> Typed:
    """array(…): elements of one common type."""
    type = coerce.common(call.args) if call.args else VOID
    parts = ", ".join(coerce.to(arg, type) if type != VOID else arg.sql for arg in call.args)
    return call.result(f"[{parts}]", Array(type), nullable=False)


def size(call: Call) -> Typed:
    """size, cardinality, array_size: NULL of NULL."""
    value = call.args[0]
    if isinstance(value.type, Map) and call.name != "array_size":
        return call.result(f"CAST(cardinality({value.sql}) AS INTEGER)", INT)
    array_of(call, 0)
    return call.result(f"CAST(len({value.sql}) AS INTEGER)", INT)


def _beside(call: Call) -> tuple[str, str]:
    """An array and a value to be looked for in it, both of their common type."""
    type = array_of(call, 0)
    value = call.args[1]
    if value.type == VOID:
        raise call.refuse("NULL is in no array.")
    element = coerce.wider(type.element, value.type)
    if not is_orderable(element):
        raise call.refuse("Maps are not compared.")
    return coerce.to(call.args[0], Array(element)), coerce.to(value, element)


def contains(call: Call) -> Typed:
    """array_contains: NULL where it is not there, but a NULL is."""
    array, value = _beside(call)
    return call.result(f"spark_array_contains({array}, {value})", BOOLEAN, nullable=True)


def position(call: Call) -> Typed:
    """array_position: from 1; 0 where it is not there."""
    coerce.tight(array_of(call, 0).element, call.args[1].type)
    array, value = _beside(call)
    return call.result(f"spark_array_position({array}, {value})", BIGINT)


def element_at(call: Call) -> Typed:
    """element_at and try_element_at: from 1, or from the end; a map's value; try_ gives NULL outside."""
    value = call.args[0]
    if isinstance(value.type, Map):
        found = item(value, call.args[1])
        return call.result(found.sql, found.type, nullable=True)
    type = array_of(call, 0)
    if call.args[1].type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    macro = "spark_try_element" if call.name.startswith("try") else "spark_element"
    return call.result(f"{macro}({value.sql}, {integer(call, 1)})", type.element, nullable=True)


def get(call: Call) -> Typed:
    """get: from 0; NULL outside."""
    type, at = array_of(call, 0), integer(call, 1)
    sql = f"(CASE WHEN {at} >= 0 THEN {call.args[0].sql}[{at} + 1] END)"
    return call.result(sql, type.element, nullable=True)


def slice_(call: Call) -> Typed:
    """slice(a, start, length): from 1, or from the end."""
    type = array_of(call, 0)
    return call.result(f"spark_slice({call.args[0].sql}, {integer(call, 1)}, {integer(call, 2)})", type)


def repeat(call: Call) -> Typed:
    """array_repeat(x, n): none for n below 1."""
    value, times = call.args[0], integer(call, 1)
    type = Array(value.type)
    if value.type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    sql = f"(CASE WHEN {times} IS NOT NULL THEN " \
          f"list_transform(range(greatest({times}, 0)), lambda spark_x: {value.sql}) END)"  # fmt: skip
    return call.result(sql, type, nullable=call.args[1].nullable)


def sequence(call: Call) -> Typed:
    """sequence(start, stop[, step]) of integers; of dates day by day. Both ends belong to it."""
    first, last = call.args[:2]
    if first.type == last.type == DATE and len(call.args) == 2:
        days = f"({last.sql} - {first.sql})"
        way = f"(CASE WHEN {days} < 0 THEN -1 ELSE 1 END)"
        steps = f"spark_sequence(CAST(0 AS BIGINT), {days}, {way})"
        sql = f"list_transform({steps}, lambda spark_x: {first.sql} + CAST(spark_x AS INTEGER))"
        return call.result(sql, Array(DATE))
    if any(arg.type not in INTEGRAL for arg in call.args):
        raise call.refuse("It takes integers, or two dates.")
    type = coerce.common(call.args)
    a, b = (f"CAST({arg.sql} AS BIGINT)" for arg in (first, last))
    step = f"CAST({call.args[2].sql} AS BIGINT)" if len(call.args) > 2 else \
        f"CAST(CASE WHEN {b} < {a} THEN -1 ELSE 1 END AS BIGINT)"  # fmt: skip
    return call.result(f"CAST(spark_sequence({a}, {b}, {step}) AS {to_duckdb(Array(type))})", Array(type))


def flatten(call: Call) -> Typed:
    """flatten: one level; NULL where an inner array is NULL."""
    inner = array_of(call, 0).element
    if not isinstance(inner, Array):
        raise call.refuse("Its elements have to be arrays.")
    return call.result(f"spark_flatten({call.args[0].sql})", inner, nullable=True)


def compact(call: Call) -> Typed:
    """array_compact: without NULLs."""
    sql = f"list_filter({call.args[0].sql}, lambda spark_x: spark_x IS NOT NULL)"
    return call.result(sql, array_of(call, 0))


_INDEX = "array or map, integer or key"
TITLE = "Arrays"
ENTRIES = (
    Entry("array", "values of a common type", "array", make, (0, None), limits="at least one value"),
    Entry("size", "array or map", "int", size, aliases=("cardinality",)),
    Entry("array_size", "array", "int", size),
    Entry("array_contains", "array, value", "boolean", contains, (2, 2), limits="no maps inside"),
    Entry("array_position", "array, value", "bigint", position, (2, 2), limits="no maps inside"),
    Entry("element_at", _INDEX, "the element's type", element_at, (2, 2)),
    Entry("try_element_at", _INDEX, "the element's type", element_at, (2, 2)),
    Entry("get", "array, integer", "the element's type", get, (2, 2)),
    Entry("slice", "array, integer, integer", "its type", slice_, (3, 3)),
    Entry("array_repeat", "value, integer", "array", repeat, (2, 2), limits="no bare NULL"),
    Entry(
        "sequence", "integers; two dates", "array", sequence, (2, 3),
        limits="no steps of an interval: use date_add in transform(sequence(0, n), …)",
    ),
    Entry("flatten", "array of arrays", "the inner array", flatten),
    Entry("array_compact", "array", "its type", compact),
)  # fmt: skip
