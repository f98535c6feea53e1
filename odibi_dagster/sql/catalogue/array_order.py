"""Arrays: their order, their extremes, their text."""

from __future__ import annotations

from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import BOOLEAN, DATE, INTEGRAL, STRING, VOID, Array, Decimal, Struct

from .arrays import array_of
from .casts import convert
from .entry import Call, Entry
from .ordering import is_orderable, sort_key

#: Spark writes out the comparison that array_sort uses.
_V = "namedlambdavariable()"
_COMPARISON = (
    f"lambdafunction((IF((({_V} IS NULL) AND ({_V} IS NULL)), 0, (IF(({_V} IS NULL), 1, "
    f"(IF(({_V} IS NULL), -1, (IF(({_V} < {_V}), -1, (IF(({_V} > {_V}), 1, 0)))))))))), {_V}, {_V})"
)


def sort(call: Call) -> Typed:
    """sort_array (NULLs first, or last when descending) and array_sort (NULLs last)."""
    type = array_of(call, 0)
    value = call.args[0]
    ascending = call.literal(1) if len(call.args) > 1 else True
    if not isinstance(ascending, bool):
        raise call.refuse("The second argument is true or false.")
    if not is_orderable(type.element) or type.element == VOID:
        raise call.refuse("Its elements have no order.")
    plain = call.name == "array_sort"
    name = f"array_sort({value.name}, {_COMPARISON})" if plain else \
        f"sort_array({value.name}, {str(ascending).lower()})"  # fmt: skip
    way = "'ASC', 'NULLS LAST'" if plain else "'ASC', 'NULLS FIRST'" if ascending else "'DESC', 'NULLS LAST'"
    if not isinstance(type.element, Array | Struct):
        return call.result(f"list_sort({value.sql}, {way})", type, name=name)
    key = sort_key("spark_x", type.element)
    last = "spark_x IS NULL" if plain else "false"
    keyed = f"list_transform({value.sql}, lambda spark_x: " \
            f"struct_pack(n := {last}, k := {key}, v := spark_x))"  # fmt: skip
    sorted_ = f"list_sort({keyed}, {way})"
    return call.result(f"list_transform({sorted_}, lambda spark_x: spark_x.v)", type, name=name)


def extreme(call: Call) -> Typed:
    """array_max and array_min: NULLs are passed over; NaN is the greatest."""
    type, value = array_of(call, 0), call.args[0]
    if not is_orderable(type.element) or type.element == VOID:
        raise call.refuse("Its elements have no order.")
    word = "list_max" if call.name == "array_max" else "list_min"
    if not isinstance(type.element, Array | Struct):
        return call.result(f"{word}({value.sql})", type.element, nullable=True)
    known = f"list_filter({value.sql}, lambda spark_x: spark_x IS NOT NULL)"
    key = sort_key("spark_x", type.element)
    keyed = f"list_transform({known}, lambda spark_x: struct_pack(k := {key}, v := spark_x))"
    return call.result(f"struct_extract({word}({keyed}), 'v')", type.element, nullable=True)


def join(call: Call) -> Typed:
    """array_join(a, separator[, instead of NULL]): NULLs are left out unless something stands for them."""
    element = array_of(call, 0).element
    separator, instead = call.literal(1), call.literal(2) if len(call.args) > 2 else None
    if not isinstance(separator, str) or not (instead is None or isinstance(instead, str)):
        raise call.refuse("The separator and what stands for NULL are literal texts.")
    if len(call.args) > 2 and instead is None:
        raise call.refuse("Leave the NULL out.")
    one = Typed("spark_x", element, True, "")
    if element == STRING:
        shown = "spark_x"
    elif element in (*INTEGRAL, BOOLEAN, DATE) or isinstance(element, Decimal):
        shown = convert(one, STRING, forgiving=False)
    else:
        raise call.refuse("Its elements have to be text: transform(a, x -> CAST(x AS STRING)).")
    value = call.args[0].sql
    if instead is None:
        value = f"list_filter({value}, lambda spark_x: spark_x IS NOT NULL)"
    else:
        shown = f"COALESCE({shown}, {text(instead)})"
    sql = f"array_to_string(list_transform({value}, lambda spark_x: {shown}), {text(separator)})"
    return call.result(sql, STRING)


def reverse(call: Call) -> Typed:
    """reverse of an array."""
    return call.result(f"list_reverse({call.args[0].sql})", array_of(call, 0))


_S = "array of anything with an order"
TITLE = "Order of arrays"
ENTRIES = (
    Entry("sort_array", f"{_S}[, literal boolean]", "its type", sort, (1, 2)),
    Entry("array_sort", _S, "its type", sort, limits="no comparator: sort structs instead"),
    Entry("array_max", _S, "the element's type", extreme),
    Entry("array_min", _S, "the element's type", extreme),
    Entry(
        "array_join", "array of text, integers, decimals, dates or booleans; one or two literals",
        "string", join, (2, 3), literals=(1, 2), limits="no doubles; literals between the values",
    ),
)  # fmt: skip
