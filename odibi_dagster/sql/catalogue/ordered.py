"""Aggregates that sort: percentiles, modes, values beside an extreme, joined text, arrays."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.frames import direction
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import (
    DATE,
    DOUBLE,
    FLOAT,
    INTEGRAL,
    STRING,
    VOID,
    Array,
    Decimal,
    Map,
    to_duckdb,
)

from .aggregates import distinct, finish, known, plain
from .casts import convert
from .entry import Call, Entry
from .ordering import has_maps, is_orderable, sort_key

ORDERED_MACROS: tuple[str, ...] = (
    # `place` counts from 0 in a sorted list; between two values it is a mean weighted by the distance.
    """CREATE OR REPLACE TEMP MACRO spark_between(l, place) AS
         CASE WHEN floor(place) = ceil(place)
                   OR l[CAST(floor(place) AS BIGINT) + 1] = l[CAST(ceil(place) AS BIGINT) + 1]
              THEN l[CAST(floor(place) AS BIGINT) + 1]
              ELSE (ceil(place) - place) * l[CAST(floor(place) AS BIGINT) + 1]
                   + (place - floor(place)) * l[CAST(ceil(place) AS BIGINT) + 1] END""",
    "CREATE OR REPLACE TEMP MACRO spark_percentile(l, p) AS spark_between(l, (len(l) - 1) * p)",
    """CREATE OR REPLACE TEMP MACRO spark_percentile_disc(l, p) AS
         l[CAST(greatest(ceil(len(l) * p), 1) AS BIGINT)]""",
    """CREATE OR REPLACE TEMP MACRO spark_modes(h) AS
         list_transform(list_filter(map_entries(h), lambda spark_e: spark_e.value = list_max(map_values(h))),
                        lambda spark_e: spark_e.key)""",
    """CREATE OR REPLACE TEMP MACRO spark_only(l, hint) AS
         CASE WHEN len(l) > 1 THEN error(hint) ELSE l[1] END""",
    """CREATE OR REPLACE TEMP MACRO spark_untied(a, b, hint) AS
         CASE WHEN a IS DISTINCT FROM b THEN error(hint) ELSE a END""",
)

#: What gives the same whatever the order of an array is.
_ORDER_FREE = (
    "sort_array", "array_sort", "size", "cardinality", "array_size", "array_max", "array_min",
    "array_contains",
)  # fmt: skip


def _percentage(call: Call) -> str:
    given = call.args[-1]
    number = given.literal
    if not isinstance(number, int) and not hasattr(number, "as_tuple"):
        raise call.refuse("The percentage is one literal from 0 to 1, such as 0.5.")
    if not 0 <= number <= 1:
        raise call.refuse("The percentage is a literal from 0 to 1.", f"{number} is not between 0 and 1.")
    return f"CAST({text(str(number))} AS DOUBLE)"


def _sorted(call: Call, value: Typed, way: str) -> str:
    if not coerce.is_numeric(value.type):
        raise call.refuse("CAST it to a number.")
    double = f"({coerce.to(value, DOUBLE)})"
    if call.distinct:
        # DuckDB sorts what it made distinct only by the very same expression.
        double = f"({double} + 0.0)"
    operand = f"{distinct(call, double)} ORDER BY {double} {way}"
    return replace(call, where=known(value, call.where)).aggregate(f"LIST({operand})")


def percentile(call: Call) -> Typed:
    """percentile(x, p) and median(x): between two values their weighted mean."""
    at = "CAST('0.5' AS DOUBLE)" if call.name == "median" else _percentage(call)
    listed = _sorted(call, call.args[0], "ASC")
    word = "DISTINCT " if call.distinct else ""
    inner = ", ".join(arg.name for arg in call.args) + ("" if call.name == "median" else ", 1")
    return finish(call, f"spark_percentile({listed}, {at})", DOUBLE, name=f"{call.name}({word}{inner})")


def percentile_within(call: Call) -> Typed:
    """percentile_cont and percentile_disc WITHIN GROUP (ORDER BY x): disc is a value of the group."""
    if len(call.within) != 1:
        raise call.refuse(f"Write {call.name}(0.5) WITHIN GROUP (ORDER BY x).", f"{call.name} needs one key.")
    at = _percentage(call)
    value, item = call.within[0]
    descending = bool(item.args.get("desc"))
    listed = _sorted(call, value, "DESC" if descending else "ASC")
    macro = "spark_percentile" if call.name == "percentile_cont" else "spark_percentile_disc"
    shown = f"{call.name}({call.args[0].name}) WITHIN GROUP (ORDER BY {value.name}{' DESC' * descending})"
    return finish(call, f"{macro}({listed}, {at})", DOUBLE, name=shown)


def mode(call: Call) -> Typed:
    """mode(x) raises where values are equally frequent; mode() WITHIN GROUP (ORDER BY x) takes the first."""
    if len(call.args) + len(call.within) != 1:
        raise call.refuse("Write mode(x), or mode() WITHIN GROUP (ORDER BY x).")
    value = call.args[0] if call.args else call.within[0][0]
    if value.type in (DOUBLE, FLOAT, VOID) or isinstance(value.type, Array | Map) or has_maps(value.type):
        raise call.refuse("CAST it to DECIMAL, or take the mode of its parts.")
    counted = call.aggregate(f"histogram({value.sql})")
    if call.args:
        hint = text("mode: several values are equally frequent, and Spark may take any of them. "
                    "Write mode() WITHIN GROUP (ORDER BY x).")  # fmt: skip
        return finish(call, f"spark_only(spark_modes({counted}), {hint})", value.type)
    descending = bool(call.within[0][1].args.get("desc"))
    word = "list_max" if descending else "list_min"
    # Spark's own name for it has the direction turned round.
    shown = f"mode() WITHIN GROUP (ORDER BY {value.name}{'' if descending else ' DESC'})"
    return finish(call, f"{word}(spark_modes({counted}))", value.type, name=shown)


def beside(call: Call) -> Typed:
    """max_by(x, y) and min_by(x, y): the x of the row with the extreme y; several x raise."""
    value, by = call.args
    if not is_orderable(by.type) or by.type == VOID or has_maps(value.type):
        raise call.refuse("The second argument needs an order; the first can hold no map.")
    found = replace(call, where=known(by, call.where))
    function = f"arg_{call.name[:3]}_null"
    ways = [
        found.aggregate(f"{function}({value.sql}, {sort_key(by.sql, by.type, f'{plain(value)}, {way!r}')})")
        for way in ("ASC NULLS FIRST", "DESC NULLS FIRST")
    ]
    hint = text(
        f"{call.name}: several rows have the extreme {by.name}, with different values of {value.name}, "
        "and Spark may take any. Order by something unique, such as a struct(…)."
    )
    return finish(call, f"spark_untied({ways[0]}, {ways[1]}, {hint})", value.type)


def listagg(call: Call) -> Typed:
    """listagg(x[, separator]) WITHIN GROUP (ORDER BY …): raises where the order leaves a choice."""
    if not call.within:
        raise call.refuse(
            f"Write {call.name}(x, ', ') WITHIN GROUP (ORDER BY x).", f"{call.name} has no order of its own."
        )
    value = call.args[0]
    separator = call.args[1].literal if len(call.args) > 1 else None
    if not (separator is None or isinstance(separator, str)):
        raise call.refuse("The separator is a literal text.")
    if value.type == STRING:
        joined = value.sql
    elif value.type in (*INTEGRAL, DATE) or isinstance(value.type, Decimal):
        joined = convert(value, STRING, forgiving=False)
    else:
        raise call.refuse(f"CAST {value.name} to STRING.")
    if any(not is_orderable(key.type) for key, _ in call.within):
        raise call.refuse("WITHIN GROUP needs keys with an order.")
    own = any(key.sql == value.sql for key, _ in call.within)
    if call.distinct and not (own and len(call.within) == 1):
        raise call.refuse("Order it by itself.", f"{call.name}(DISTINCT …) is ordered by something else.")
    if call.distinct and joined != value.sql:
        raise call.refuse(f"CAST {value.name} to STRING, also in ORDER BY.")
    order = ", ".join(f"{_key(key)} {direction(item)}" for key, item in call.within)
    glue = text(separator or "")
    if own:
        sql = call.aggregate(f"string_agg({distinct(call, joined)}, {glue} ORDER BY {order})")
    else:
        hint = text(
            f"{call.name}: the order leaves a choice, and Spark may take any. Order also by {value.name}."
        )
        ways = [call.aggregate(f"string_agg({joined}, {glue} ORDER BY {order}, {value.sql} {way})")
                for way in ("ASC", "DESC")]  # fmt: skip
        sql = f"spark_untied({ways[0]}, {ways[1]}, {hint})"
    word = "DISTINCT " if call.distinct else ""
    shown = ", ".join(f"{key.name} {direction(item)}" for key, item in call.within)
    second = call.args[1].name if len(call.args) > 1 else "NULL"
    return finish(
        call, sql, STRING, name=f"listagg({word}{value.name}, {second}) WITHIN GROUP (ORDER BY {shown})"
    )


def _key(key: Typed) -> str:
    return sort_key(key.sql, key.type) if isinstance(key.type, Array) else key.sql


def collect(call: Call) -> Typed:
    """collect_list and collect_set, inside of a function to which the order does not matter."""
    at = call.node.parent
    while isinstance(at, exp.Filter | exp.Window | exp.Paren):
        at = at.parent
    within = str(at.this).lower() if isinstance(at, exp.Anonymous) else ""
    if within not in _ORDER_FREE or any(isinstance(arg, exp.Lambda) for arg in at.expressions):
        raise Refusal(
            f"{call.name} gives another order on every run.",
            f"Write sort_array({call.name}({call.args[0].name})).",
        )
    value = call.args[0]
    if value.type == VOID or (call.name == "collect_set" and has_maps(value.type)):
        raise call.refuse()
    shown = "collect_set" if call.name == "collect_set" else "collect_list"
    word = "DISTINCT " if call.distinct else ""
    unique = call.distinct or call.name == "collect_set"
    operand = f"DISTINCT {plain(value)}" if unique else value.sql
    type = Array(value.type)
    listed = replace(call, where=known(value, call.where)).aggregate(f"LIST({operand})")
    sql = f"COALESCE({listed}, CAST([] AS {to_duckdb(type)}))"
    return finish(call, sql, type, nullable=False, name=f"{shown}({word}{value.name})")


_P = "literal percentage"
TITLE = "Aggregates that sort"
ENTRIES = (
    Entry("median", "number", "double", percentile, kind="aggregate", distinct=True),
    Entry(
        "percentile", f"number, {_P}", "double", percentile, (2, 2), kind="aggregate", distinct=True,
        literals=(1,), limits="one percentage, no frequencies",
    ),
    *(
        Entry(name, f"{_P}, WITHIN GROUP (ORDER BY number)", "double", percentile_within, kind="aggregate",
              literals=(0,), within=True, limits="one percentage")
        for name in ("percentile_cont", "percentile_disc")
    ),
    Entry(
        "mode", "a value, or WITHIN GROUP (ORDER BY a value)", "its type", mode, (0, 1), kind="aggregate",
        within=True, limits="mode(x) raises where two values are equally frequent; no doubles",
    ),
    *(
        Entry(name, "a value, a value with an order", "the type of the first", beside, (2, 2),
              kind="aggregate", limits="raises where several rows have the extreme, with different values")
        for name in ("max_by", "min_by")
    ),
    Entry(
        "listagg", "text, integer, decimal or date[, literal separator], WITHIN GROUP (ORDER BY …)", "string",
        listagg, (1, 2), kind="aggregate", aliases=("string_agg",), literals=(1,), distinct=True, within=True,
        limits="raises where the order leaves a choice",
    ),
    *(
        Entry(name, "a value", "array", collect, kind="aggregate", distinct=True, aliases=aliases,
              limits="only inside of " + ", ".join(_ORDER_FREE))
        for name, aliases in (("collect_list", ("array_agg",)), ("collect_set", ()))
    ),
)  # fmt: skip
