"""Which keys a row of ROLLUP, CUBE or GROUPING SETS leaves out."""

from __future__ import annotations

from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, TINYINT

from .entry import Call, Entry


def grouping(call: Call) -> Typed:
    """grouping(key): 1 where the row's grouping set has not the key, else 0."""
    if call.grouping is None or call.args[0].sql not in call.grouping:
        raise call.refuse("It takes a key of ROLLUP, CUBE or GROUPING SETS.", f"{call.name} of no key.")
    return call.result(f"CAST(GROUPING({call.args[0].sql}) AS TINYINT)", TINYINT, nullable=False)


def grouping_id(call: Call) -> Typed:
    """grouping_id([key, …]): the bits of grouping over all keys, the first key's the highest."""
    if call.grouping is None or (call.args and tuple(arg.sql for arg in call.args) != call.grouping):
        raise call.refuse(
            "It takes nothing, or every key of ROLLUP, CUBE or GROUPING SETS in its order.",
            f"{call.name} of other keys.",
        )
    return call.result(f"CAST(GROUPING({', '.join(call.grouping)}) AS BIGINT)", BIGINT, nullable=False)


TITLE = "Grouping sets"
ENTRIES = (
    Entry("grouping", "a key of ROLLUP, CUBE or GROUPING SETS", "tinyint", grouping, kind="grouping"),
    Entry("grouping_id", "nothing, or every key in order", "bigint", grouping_id, (0, None), kind="grouping"),
)
