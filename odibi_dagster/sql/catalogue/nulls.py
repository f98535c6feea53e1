"""Functions about NULL and about types."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine, text
from odibi_dagster.sql.types import BOOLEAN, INT, STRING

from .conditionals import case
from .entry import Call, Entry
from .operators import null_safe

_ZERO = Typed("0", INT, False, "0", literal=0)


def is_null(call: Call) -> Typed:
    """isnull and isnotnull."""
    value = call.args[0]
    word = "IS NULL" if call.name == "isnull" else "IS NOT NULL"
    return combine(f"({value.sql} {word})", BOOLEAN, f"({value.name} {word})", value, nullable=False)


def equal_null(call: Call) -> Typed:
    """equal_null(a, b): a <=> b."""
    return call.result(null_safe(Call("<=>", call.args)).sql, BOOLEAN, nullable=False)


def null_if_zero(call: Call) -> Typed:
    """nullifzero(x): NULL for 0."""
    value = call.args[0]
    if not coerce.is_numeric(value.type):
        raise call.refuse("CAST it to a number.")
    return call.result(f"NULLIF({value.sql}, 0)", value.type, nullable=True)


def zero_if_null(call: Call) -> Typed:
    """zeroifnull(x): 0 for NULL."""
    value = call.args[0]
    if not coerce.is_numeric(value.type):
        raise call.refuse("CAST it to a number.")
    type = coerce.common([value, _ZERO])
    sql = f"COALESCE({coerce.to(value, type)}, {coerce.to(_ZERO, type)})"
    return call.result(sql, type, nullable=False)


def decode(call: Call) -> Typed:
    """decode(x, a, result, …[, default]): the result beside the first equal value; NULL equals NULL."""
    value, *rest = call.args
    args: list[Typed] = []
    for at in range(0, len(rest) - 1, 2):
        args += [null_safe(Call("<=>", [value, rest[at]])), rest[at + 1]]
    if len(rest) % 2:
        args.append(rest[-1])
    chosen = case(Call("CASE", args))
    return call.result(chosen.sql, chosen.type, nullable=chosen.nullable)


def type_of(call: Call) -> Typed:
    """typeof(x): the name of its type."""
    return replace(call.result(text(str(call.args[0].type)), STRING, nullable=False), lineage=())


_ANY = "anything"
TITLE = "NULL and types"
ENTRIES = (
    Entry("isnull", _ANY, "boolean, never NULL", is_null),
    Entry("isnotnull", _ANY, "boolean, never NULL", is_null),
    Entry("equal_null", "two comparable values", "boolean, never NULL", equal_null, (2, 2)),
    Entry("nullifzero", "a number", "its type", null_if_zero),
    Entry("zeroifnull", "a number", "the common type with INT", zero_if_null),
    Entry("typeof", _ANY, "string", type_of),
)
