"""Comparisons, logic, LIKE, IN and BETWEEN."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import BINARY, BOOLEAN, VOID, Array, Map, Struct

from .entry import Call, Entry

_SYMBOLS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _check_comparable(*values: Typed) -> None:
    for value in values:
        if isinstance(value.type, Array | Map | Struct) or value.type == BINARY:
            raise Refusal(f"{value.type} cannot be compared.", "Compare its parts.")


def compare(call: Call) -> Typed:
    """`left op right` with Spark's common type."""
    left, right = call.args
    _check_comparable(left, right)
    if VOID in (left.type, right.type):
        return call.result("CAST(NULL AS BOOLEAN)", BOOLEAN, nullable=True, name=_compare_name(call))
    a, b = coerce.comparable(left, right)
    return call.result(f"({a} {_SYMBOLS[call.name]} {b})", BOOLEAN, name=_compare_name(call))


def _compare_name(call: Call) -> str:
    left, right = call.args
    if call.name == "<>":
        return f"(NOT ({left.name} = {right.name}))"
    return f"({left.name} {call.name} {right.name})"


def null_safe(call: Call) -> Typed:
    """`<=>` and IS [NOT] DISTINCT FROM: NULL equals NULL, and the answer is never NULL."""
    left, right = call.args
    _check_comparable(left, right)
    word = "IS NOT DISTINCT FROM" if call.name == "<=>" else "IS DISTINCT FROM"
    name = f"({left.name} <=> {right.name})"
    if VOID in (left.type, right.type):
        a, b = (side.sql for side in call.args)
    else:
        a, b = coerce.comparable(left, right)
    return call.result(
        f"({a} {word} {b})", BOOLEAN, nullable=False, name=name if call.name == "<=>" else f"(NOT {name})"
    )


def boolean(value: Typed, what: str) -> str:
    """The DuckDB text of a condition.

    Raises:
        Refusal: it is not a boolean.
    """
    if value.type not in (BOOLEAN, VOID):
        raise Refusal(
            f"{what} needs a boolean, and {value.name} is {value.type}.", "Compare it with something."
        )
    return coerce.to(value, BOOLEAN)


def logic(call: Call) -> Typed:
    """AND, OR: three-valued, as in SQL."""
    left, right = call.args
    sql = f"({boolean(left, call.name)} {call.name} {boolean(right, call.name)})"
    return call.result(sql, BOOLEAN, name=f"({left.name} {call.name} {right.name})")


def negate(call: Call) -> Typed:
    """NOT."""
    value = call.args[0]
    if (
        value.sql.endswith(" IS NULL)")
        and value.name.endswith(" IS NULL)")
        and type(call.node.this) is exp.Is
    ):
        sql = value.sql.removesuffix(" IS NULL)") + " IS NOT NULL)"
        return combine(sql, BOOLEAN, value.name.removesuffix(" IS NULL)") + " IS NOT NULL)", value)
    name = f"(NOT {value.name})"
    return call.result(f"(NOT {boolean(value, 'NOT')})", BOOLEAN, name=name)


def is_test(call: Call) -> Typed:
    """IS NULL, IS TRUE, IS FALSE."""
    value, against = call.args
    word = "NULL" if against.type == VOID else str(against.literal).upper()
    operand = value.sql if word == "NULL" else boolean(value, f"IS {word}")
    name = f"({value.name} IS NULL)" if word == "NULL" else f"({value.name} <=> {word.lower()})"
    return combine(f"({operand} IS {word})", BOOLEAN, name, value, nullable=False)


def membership(call: Call) -> Typed:
    """`x IN (a, b, …)`."""
    value, *options = call.args
    _check_comparable(*call.args)
    name = f"({value.name} IN ({', '.join(option.name for option in options)}))"
    if value.type == VOID:
        return call.result("CAST(NULL AS BOOLEAN)", BOOLEAN, nullable=True, name=name)
    known = [option for option in options if option.type != VOID]
    pairs = [coerce.comparable(value, option) for option in known]
    if not all(left == value.sql for left, _ in pairs):
        type = coerce.common([value, *known])
        pairs = [(coerce.to(value, type), coerce.to(option, type)) for option in known]
    left = pairs[0][0] if pairs else value.sql
    right = [right for _, right in pairs] + ["NULL"] * (len(options) - len(known))
    return call.result(f"({left} IN ({', '.join(right)}))", BOOLEAN, name=name)


def between(call: Call) -> Typed:
    """`x BETWEEN low AND high`: both ends belong to it."""
    value, low, high = call.args
    lower = compare(Call(">=", [value, low]))
    upper = compare(Call("<=", [value, high]))
    name = f"between({value.name}, {low.name}, {high.name})"
    return call.result(f"({lower.sql} AND {upper.sql})", BOOLEAN, name=name)


_ANY = "two values of one type; integers, decimals and doubles mix; dates and timestamps mix"
_ANSI = "ANSI compliance: type promotion; NaN equals NaN and is greater than any number"


def _comparison(symbol: str, node: type) -> Entry:
    return Entry(
        symbol,
        _ANY,
        "boolean",
        compare,
        (2, 2),
        node=node,
        rule=_ANSI,
        limits="strings beside numbers need a CAST; literal texts are read as dates beside dates",
    )


TITLE = "Comparisons and logic"
ENTRIES = (
    _comparison("=", exp.EQ),
    _comparison("<>", exp.NEQ),
    _comparison("<", exp.LT),
    _comparison("<=", exp.LTE),
    _comparison(">", exp.GT),
    _comparison(">=", exp.GTE),
    Entry("<=>", _ANY, "boolean, never NULL", null_safe, (2, 2), node=exp.NullSafeEQ, rule=_ANSI),
    Entry(
        "IS DISTINCT FROM", _ANY, "boolean, never NULL", null_safe, (2, 2), node=exp.NullSafeNEQ, rule=_ANSI
    ),
    Entry("AND", "booleans", "boolean", logic, (2, 2), node=exp.And, rule="NULL semantics"),
    Entry("OR", "booleans", "boolean", logic, (2, 2), node=exp.Or, rule="NULL semantics"),
    Entry("NOT", "boolean", "boolean", negate, node=exp.Not, rule="NULL semantics"),
    Entry(
        "IS [NOT] NULL|TRUE|FALSE",
        "anything; boolean",
        "boolean, never NULL",
        is_test,
        (2, 2),
        node=exp.Is,
        rule="NULL semantics",
    ),
    Entry("[NOT] IN (…)", _ANY, "boolean", membership, (2, None), node=exp.In, rule="NULL semantics"),
    Entry("[NOT] BETWEEN", _ANY, "boolean", between, (3, 3), node=exp.Between, rule=_ANSI),
)
