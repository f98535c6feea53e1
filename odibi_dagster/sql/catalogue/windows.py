"""Functions that only stand in front of OVER."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import INT, VOID, SparkType

from .entry import Call, Entry


def _needs_order(call: Call) -> None:
    if not call.ordered:
        raise call.refuse("Add ORDER BY to its window.", f"{call.name} has no order.")


def rank(call: Call) -> Typed:
    """row_number, rank, dense_rank: INT, from 1."""
    _needs_order(call)
    sql = f"CAST({call.name}() OVER {call.over} AS INTEGER)"
    return combine(sql, INT, f"{call.name}()", nullable=False)


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
    return combine(f"{call.name}({arguments}) OVER {call.over}", type, name, *call.args, nullable=nullable)


def _default(call: Call, default: Typed, type: SparkType) -> str:
    if default.type == type:
        return default.sql
    if coerce.wider(default.type, type) != type and not default.is_literal:
        raise call.refuse(f"CAST the default to {type}.")
    return coerce.to(default, type)


TITLE = "Window functions"
ENTRIES = (
    Entry("row_number", "nothing; an ordered window", "int", rank, (0, 0), kind="window"),
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
    ),
    Entry(
        "lead",
        "a value[, literal offset[, default]]",
        "its type",
        offset,
        (1, 3),
        kind="window",
        literals=(1,),
    ),
)
