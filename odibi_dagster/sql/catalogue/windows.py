"""Functions that only stand in front of OVER."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import DOUBLE, INT, INTEGRAL, VOID, SparkType

from .entry import Call, Entry


def _needs_order(call: Call) -> None:
    if not call.ordered:
        raise call.refuse("Add ORDER BY to its window.", f"{call.name} has no order.")


_CAPITALS = ("rank", "dense_rank", "percent_rank")  # Spark writes these three so in a column's name


def rank(call: Call) -> Typed:
    """row_number, rank, dense_rank: INT, from 1."""
    _needs_order(call)
    sql = f"CAST({call.name}() OVER {call.over} AS INTEGER)"
    return combine(sql, INT, _shown(call), nullable=False)


def share(call: Call) -> Typed:
    """percent_rank, cume_dist: DOUBLE, from 0 to 1."""
    _needs_order(call)
    return combine(f"{call.name}() OVER {call.over}", DOUBLE, _shown(call), nullable=False)


def _shown(call: Call) -> str:
    return f"{call.name.upper() if call.name in _CAPITALS else call.name}()"


def at(call: Call) -> Typed:
    """first_value, last_value, first, last, any_value, nth_value: a value of the ordered frame."""
    _needs_order(call)
    value = call.args[0]
    nulls, shown, arguments = call.ignore_nulls, call.name, value.sql
    if call.name == "nth_value":
        number = call.literal(1)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise call.refuse("The number is a literal from 1 on.")
        arguments += f", {number}"
        name = f"nth_value({value.name}, {number})" + (" ignore nulls" if nulls else "")
    else:
        if len(call.args) > 1:
            if nulls or not isinstance(call.literal(1), bool):
                raise call.refuse("The second argument is TRUE or FALSE.")
            nulls = call.literal(1)
        elif nulls:
            shown = {"first_value": "first", "last_value": "last"}.get(call.name, call.name)
        name = f"{shown}({value.name})"
    function = {"first": "first_value", "any_value": "first_value", "last": "last_value"}.get(
        call.name, call.name
    )
    words = " IGNORE NULLS" if nulls else ""
    return combine(
        f"{function}({arguments}{words}) OVER {call.over}", value.type, name, *call.args, nullable=True
    )


def ntile(call: Call) -> Typed:
    """ntile(n): INT."""
    _needs_order(call)
    buckets = call.literal(0)
    if not isinstance(buckets, int) or buckets < 1:
        raise call.refuse("The number of buckets is a literal from 1 on.")
    return combine(
        f"CAST(ntile({buckets}) OVER {call.over} AS INTEGER)", INT, f"ntile({buckets})", nullable=False
    )


def offset(call: Call) -> Typed:
    """lag and lead: the value some rows before or behind, or the default."""
    _needs_order(call)
    value = call.args[0]
    step = call.literal(1) if len(call.args) > 1 else 1
    if not isinstance(step, int) or isinstance(step, bool):
        raise call.refuse("The offset is a literal integer.")
    type: SparkType = value.type
    arguments = f"{value.sql}, {step}"
    name = f"{call.name}({value.name}, {step}, NULL)"
    nullable = True
    if len(call.args) > 2 and call.args[2].type != VOID:
        default = call.args[2]
        arguments += f", {_default(call, default, type)}"
        name = f"{call.name}({value.name}, {step}, {default.name})"
        nullable = value.nullable or default.nullable
    words = " IGNORE NULLS" if call.ignore_nulls else ""
    return combine(
        f"{call.name}({arguments}{words}) OVER {call.over}", type, name, *call.args, nullable=nullable
    )


def _default(call: Call, default: Typed, type: SparkType) -> str:
    if default.type == type:
        return default.sql
    if coerce.wider(default.type, type) != type and not (default.is_literal and default.type in INTEGRAL):
        raise call.refuse(f"CAST the default to {type}.")
    return coerce.to(default, type)


TITLE = "Window functions"
ENTRIES = (
    Entry("row_number", "nothing; an ordered window", "int", rank, (0, 0), kind="window"),
    *(
        Entry(name, "nothing; an ordered window", "double", share, (0, 0), kind="window")
        for name in ("percent_rank", "cume_dist")
    ),
    *(
        Entry(
            name,
            "a value[, literal TRUE to pass over NULLs] [IGNORE NULLS]; an ordered window",
            "its type",
            at,
            (1, 2),
            kind="window",
            frame=True,
            limits="in a window only: without one its row depends on the run",
        )
        for name in ("first_value", "last_value", "first", "last", "any_value")
    ),
    Entry(
        "nth_value",
        "a value, a literal number [IGNORE NULLS]; an ordered window",
        "its type",
        at,
        (2, 2),
        kind="window",
        literals=(1,),
        frame=True,
    ),
    Entry("rank", "nothing; an ordered window", "int", rank, (0, 0), kind="window"),
    Entry("dense_rank", "nothing; an ordered window", "int", rank, (0, 0), kind="window"),
    Entry("ntile", "literal; an ordered window", "int", ntile, (1, 1), kind="window", literals=(0,)),
    Entry(
        "lag",
        "a value[, literal offset[, default]]",
        "its type",
        offset,
        (1, 3),
        kind="window",
        literals=(1,),
        limits="a default of the value's type or narrower",
    ),
    Entry(
        "lead",
        "a value[, literal offset[, default]]",
        "its type",
        offset,
        (1, 3),
        kind="window",
        literals=(1,),
        limits="a default of the value's type or narrower",
    ),
)
