"""CASE, COALESCE and their relatives."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import VOID, SparkType, to_duckdb

from .entry import Call, Entry
from .operators import boolean, compare


def case(call: Call) -> Typed:
    """CASE in both forms; `args` are [condition, value]…, then the ELSE value if there is one."""
    pairs = [(call.args[at], call.args[at + 1]) for at in range(0, len(call.args) - 1, 2)]
    default = call.args[-1] if len(call.args) % 2 else None
    values = [value for _, value in pairs] + ([default] if default else [])
    type = coerce.common(values)
    arms = " ".join(f"WHEN {boolean(when, 'WHEN')} THEN {coerce.to(value, type)}" for when, value in pairs)
    names = " ".join(f"WHEN {when.name} THEN {value.name}" for when, value in pairs)
    tail = f" ELSE {coerce.to(default, type)}" if default else ""
    name = f"CASE {names}" + (f" ELSE {default.name}" if default else "") + " END"
    nullable = default is None or any(value.nullable for value in values)
    sql = f"(CASE {arms}{tail} END)" if default else f"CAST((CASE {arms} END) AS {_target(type)})"
    return combine(sql, type, name, *call.args, nullable=nullable)


def _target(type: SparkType) -> str:
    return "INTEGER" if type == VOID else to_duckdb(type)


def if_then(call: Call) -> Typed:
    """if(condition, a, b)."""
    condition, yes, no = call.args
    result = case(call)
    name = f"(IF({condition.name}, {yes.name}, {no.name}))"
    return combine(result.sql, result.type, name, *call.args, nullable=yes.nullable or no.nullable)


def coalesce(call: Call) -> Typed:
    """The first argument that is not NULL."""
    type = coerce.common(call.args)
    sql = f"COALESCE({', '.join(coerce.to(arg, type) for arg in call.args)})"
    return call.result(sql, type, nullable=all(arg.nullable for arg in call.args))


def nullif(call: Call) -> Typed:
    """nullif(a, b): NULL where both are equal, else a."""
    first, second = call.args
    equal = compare(Call("=", [first, second]))
    return call.result(f"(CASE WHEN {equal.sql} THEN NULL ELSE {first.sql} END)", first.type, nullable=True)


def nvl2(call: Call) -> Typed:
    """nvl2(x, a, b): a where x is not NULL, else b."""
    test, yes, no = call.args
    type = coerce.common([yes, no])
    sql = f"(CASE WHEN {test.sql} IS NOT NULL THEN {coerce.to(yes, type)} ELSE {coerce.to(no, type)} END)"
    return call.result(sql, type, nullable=yes.nullable or no.nullable)


def extreme(call: Call) -> Typed:
    """greatest and least: NULLs are passed over; NaN is the greatest."""
    type = coerce.common(call.args)
    if type == VOID:
        raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
    sql = f"{call.name}({', '.join(coerce.to(arg, type) for arg in call.args)})"
    return call.result(sql, type, nullable=all(arg.nullable for arg in call.args))


_WIDER = "the common type"
_TYPES = "types with a common type"

TITLE = "Conditionals"
ENTRIES = (
    Entry("CASE", f"booleans, {_TYPES}", _WIDER, case, (2, None), node=exp.Case),
    Entry("if", f"boolean, {_TYPES}", _WIDER, if_then, (3, 3), node=exp.If),
    Entry("coalesce", _TYPES, _WIDER, coalesce, (1, None)),
    Entry("nvl", _TYPES, _WIDER, coalesce, (2, 2), aliases=("ifnull",)),
    Entry("nvl2", f"anything, {_TYPES}", _WIDER, nvl2, (3, 3)),
    Entry("nullif", "two comparable values", "the type of the first", nullif, (2, 2)),
    Entry("greatest", _TYPES, _WIDER, extreme, (2, None)),
    Entry("least", _TYPES, _WIDER, extreme, (2, None)),
)
