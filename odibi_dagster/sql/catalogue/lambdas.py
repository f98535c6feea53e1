"""Functions that take a lambda."""

from __future__ import annotations

from collections.abc import Sequence

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import BOOLEAN, DOUBLE, FLOAT, INT, VOID, Array, Map, SparkType, Struct

from .arrays import array_of
from .entry import Call, Entry, Lambda

LAMBDA_MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO spark_exists(l) AS
         CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true
              WHEN list_count(l) < len(l) THEN NULL ELSE false END""",
    """CREATE OR REPLACE TEMP MACRO spark_forall(l) AS
         CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, false) THEN false
              WHEN list_count(l) < len(l) THEN NULL ELSE true END""",
)


def variable(sql: str, type: SparkType, nullable: bool = True) -> Typed:
    """What a lambda's variable stands for."""
    return Typed(sql, type, nullable, "")


def finish(call: Call, sql: str, type: SparkType, bodies: Sequence[Typed], *, name: str = "") -> Typed:
    """The compiled call, whose origin and name also hold the lambdas' bodies."""
    parts = [*call.args, *bodies]
    shown = name or f"{call.name}({', '.join(part.name for part in parts)})"
    return combine(sql, type, shown, *parts, nullable=any(arg.nullable for arg in call.args))


def only(call: Call) -> Lambda:
    """The call's only lambda.

    Raises:
        Refusal: there is none, or it does not stand behind the arguments.
    """
    if len(call.lambdas) != 1:
        raise call.refuse("Write the function as a lambda: x -> ….")
    return call.lambdas[0]


def over(call: Call, element: SparkType) -> tuple[str, Typed]:
    """DuckDB's variables and the body of a lambda over elements, and their indexes from 0."""
    one = only(call)
    item, at = one.variable(), one.variable(1)
    values = [variable(item, element), variable(f"CAST({at} - 1 AS INTEGER)", INT, False)]
    return (f"{item}, {at}" if one.count == 2 else item), one.compile(values[: max(one.count, 1)])


def condition(call: Call, body: Typed) -> str:
    """A body that is a condition."""
    if body.type not in (BOOLEAN, VOID):
        raise call.refuse("Compare something in the lambda.", f"The lambda of {call.name} is {body.type}.")
    return coerce.to(body, BOOLEAN)


def transform(call: Call) -> Typed:
    """transform(a, x -> …) and transform(a, (x, i) -> …)."""
    names, body = over(call, array_of(call, 0).element)
    if body.type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    return finish(
        call, f"list_transform({call.args[0].sql}, lambda {names}: {body.sql})", Array(body.type), [body]
    )


def filter_(call: Call) -> Typed:
    """filter(a, x -> …) and filter(a, (x, i) -> …): where the condition is true."""
    type = array_of(call, 0)
    names, body = over(call, type.element)
    sql = f"list_filter({call.args[0].sql}, lambda {names}: {condition(call, body)})"
    return finish(call, sql, type, [body])


def test(call: Call) -> Typed:
    """exists and forall: three-valued, as OR and AND over the elements."""
    names, body = over(call, array_of(call, 0).element)
    if only(call).count != 1:
        raise call.refuse("Its lambda has one variable.")
    listed = f"list_transform({call.args[0].sql}, lambda {names}: {condition(call, body)})"
    result = finish(call, f"spark_{call.name}({listed})", BOOLEAN, [body])
    return combine(result.sql, BOOLEAN, result.name, result, nullable=True)


def aggregate(call: Call) -> Typed:
    """aggregate(a, start, (acc, x) -> …[, acc -> …]) and reduce: the lambda keeps the type of the start."""
    element = array_of(call, 0).element
    if len(call.args) != 2 or len(call.lambdas) not in (1, 2):
        raise call.refuse("Write aggregate(a, start, (acc, x) -> …).")
    start, merge = call.args[1], call.lambdas[0]
    if start.type == VOID or element == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    if isinstance(start.type, Array | Map | Struct):
        # Spark takes the start's fields to be never NULL, and reads a NULL in them as 0.
        raise call.refuse("Start with a number, a text or a time.", f"{call.name} starts with {start.type}.")
    acc, item = merge.variable(), merge.variable(1)
    body = merge.compile([variable(acc, start.type), variable(item, element)])
    if str(body.type) != str(start.type):
        raise call.refuse(f"CAST the start, or the lambda, so that both are {start.type}.",
                          f"The lambda of {call.name} is {body.type}, its start {start.type}.")  # fmt: skip
    sql = f"list_reduce({call.args[0].sql}, lambda {acc}, {item}: {body.sql}, {start.sql})"
    bodies, type = [body], start.type
    if len(call.lambdas) == 2:
        last = call.lambdas[1].compile([variable(sql, type)])
        bodies.append(last)
        # The body may use the result several times, and be something else than NULL for a NULL array.
        sql, type = f"(CASE WHEN {call.args[0].sql} IS NOT NULL THEN {last.sql} END)", last.type
        shown = ""
    else:
        shown = "lambdafunction(namedlambdavariable(), namedlambdavariable())"
    names = [part.name for part in (*call.args, *bodies)] + ([shown] if shown else [])
    result = finish(call, sql, type, bodies, name=f"{call.name}({', '.join(names)})")
    return combine(result.sql, type, result.name, result, nullable=True)


def zip_with(call: Call) -> Typed:
    """zip_with(a, b, (x, y) -> …): the shorter array is filled up with NULLs."""
    one = only(call)
    a, b = array_of(call, 0), array_of(call, 1)
    at = one.variable()
    left, right = (arg.sql for arg in call.args)
    body = one.compile([variable(f"{left}[{at}]", a.element), variable(f"{right}[{at}]", b.element)])
    if body.type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    places = f"range(1, greatest(len({left}), len({right})) + 1)"
    sql = f"(CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL " \
          f"THEN list_transform({places}, lambda {at}: {body.sql}) END)"  # fmt: skip
    return finish(call, sql, Array(body.type), [body])


def _entries(call: Call, at: int = 0) -> Map:
    type = call.args[at].type
    if not isinstance(type, Map):
        raise call.refuse("Give it a map.")
    return type


def over_map(call: Call) -> Typed:
    """transform_keys, transform_values, map_filter: (k, v) -> …."""
    one, type = only(call), _entries(call)
    entry = one.variable()
    body = one.compile([variable(f"{entry}.key", type.key, False), variable(f"{entry}.value", type.value)])
    entries = f"map_entries({call.args[0].sql})"
    if call.name == "map_filter":
        kept = f"list_filter({entries}, lambda {entry}: {condition(call, body)})"
        return finish(call, f"map_from_entries({kept})", type, [body])
    if body.type == VOID or (call.name == "transform_keys" and isinstance(body.type, Map)):
        raise call.refuse("The lambda gives no type a map can hold.")
    if call.name == "transform_keys":
        pair, result = f"struct_pack(key := {body.sql}, value := {entry}.value)", Map(body.type, type.value)
    else:
        pair, result = f"struct_pack(key := {entry}.key, value := {body.sql})", Map(type.key, body.type)
    sql = f"map_from_entries(list_transform({entries}, lambda {entry}: {pair}))"
    return finish(call, sql, result, [body])


def map_zip_with(call: Call) -> Typed:
    """map_zip_with(m, n, (k, v, w) -> …): the keys of m, then those only n has."""
    one, m, n = only(call), _entries(call), _entries(call, 1)
    if m.key != n.key or m.key in (DOUBLE, FLOAT):
        raise call.refuse("CAST the keys to one type, and no doubles.")
    at = one.variable()
    left, right = (arg.sql for arg in call.args)
    body = one.compile([
        variable(at, m.key, False),
        variable(f"map_extract_value({left}, {at})", m.value),
        variable(f"map_extract_value({right}, {at})", n.value),
    ])  # fmt: skip
    if body.type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    keys = f"spark_distinct(spark_joined(map_keys({left}), map_keys({right})))"
    pair = f"struct_pack(key := {at}, value := {body.sql})"
    sql = f"map_from_entries(list_transform({keys}, lambda {at}: {pair}))"
    return finish(call, sql, Map(m.key, body.type), [body])


_MAP = "map, (k, v) -> …"
_TYPED = "no bare NULL as the result"

TITLE = "Lambdas"
ENTRIES = (
    Entry(
        "transform", "array, x -> … or (x, i) -> …", "array", transform, (2, 2), lambdas=(1,), limits=_TYPED
    ),
    Entry("filter", "array, x -> condition or (x, i) -> …", "its type", filter_, (2, 2), lambdas=(1,)),
    Entry("exists", "array, x -> condition", "boolean", test, (2, 2), lambdas=(1,)),
    Entry("forall", "array, x -> condition", "boolean", test, (2, 2), lambdas=(1,)),
    Entry(
        "aggregate", "array, start, (acc, x) -> …[, acc -> …]", "the start's type, or the last lambda's",
        aggregate, (3, 4), lambdas=(1, 2), limits="the start is no array, map or struct", aliases=("reduce",),
    ),
    Entry("zip_with", "array, array, (x, y) -> …", "array", zip_with, (3, 3), lambdas=(1,)),
    Entry("transform_keys", _MAP, "map", over_map, (2, 2), lambdas=(1,), limits="duplicate keys raise"),
    Entry("transform_values", _MAP, "map", over_map, (2, 2), lambdas=(1,), limits=_TYPED),
    Entry("map_filter", "map, (k, v) -> condition", "its type", over_map, (2, 2), lambdas=(1,)),
    Entry("map_zip_with", "map, map, (k, v, w) -> …", "map", map_zip_with, (3, 3), lambdas=(1,)),
)  # fmt: skip
