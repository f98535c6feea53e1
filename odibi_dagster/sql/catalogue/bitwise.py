"""Operations on the bits of integers."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import BIGINT, BOOLEAN, INT, INTEGRAL, TINYINT

from .entry import Call, Entry

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
# Java shifts by the lowest 5 (6) bits of the count and lets bits fall off; DuckDB raises in both cases.
BIT_MACROS: tuple[str, ...] = (
    f"{_MACRO}signed_int(v) AS CAST(CASE WHEN v >= 2147483648 THEN v - 4294967296 ELSE v END AS INTEGER)",
    f"{_MACRO}signed_bigint(v) AS CAST(CASE WHEN v >= 9223372036854775808::HUGEINT "
    "THEN v - 18446744073709551616::HUGEINT ELSE v END AS BIGINT)",
    f"{_MACRO}shiftleft_int(x, n) AS spark_signed_int((CAST(x AS BIGINT) & "
    "((1::BIGINT << (32 - (n & 31))) - 1)) << (n & 31))",
    f"{_MACRO}shiftleft_bigint(x, n) AS spark_signed_bigint((CAST(x AS HUGEINT) & "
    "((1::HUGEINT << (64 - (n & 63))) - 1)) << CAST(n & 63 AS HUGEINT))",
    f"{_MACRO}shiftright_int(x, n) AS x >> (n & 31)",
    f"{_MACRO}shiftright_bigint(x, n) AS x >> CAST(n & 63 AS BIGINT)",
    f"{_MACRO}shiftrightunsigned_int(x, n) AS "
    "spark_signed_int((CAST(x AS BIGINT) & 4294967295) >> CAST(n & 31 AS BIGINT))",
    f"{_MACRO}shiftrightunsigned_bigint(x, n) AS CASE WHEN (n & 63) = 0 THEN x ELSE "
    "(x >> CAST(n & 63 AS BIGINT)) & CAST((1::HUGEINT << (64 - (n & 63))) - 1 AS BIGINT) END",
    f"{_MACRO}bit_get(x, n, bits) AS CAST(CASE WHEN x IS NULL THEN NULL WHEN n < 0 OR n >= bits THEN "
    "error('bit_get has no position ' || n) ELSE (x >> CAST(n AS BIGINT)) & 1 END AS TINYINT)",
)


def bits(call: Call) -> Typed:
    """`&`, `|`, `^` of two integers, in the wider type."""
    left, right = call.args
    if left.type not in INTEGRAL or right.type not in INTEGRAL:
        raise call.refuse("CAST both sides to INT or BIGINT.", f"{left.type} {call.name} {right.type}")
    type = coerce.wider(left.type, right.type)
    a, b = coerce.to(left, type), coerce.to(right, type)
    sql = f"xor({a}, {b})" if call.name == "^" else f"({a} {call.name} {b})"
    return call.result(sql, type, name=f"({left.name} {call.name} {right.name})")


def complement(call: Call) -> Typed:
    """`~`: every bit turned."""
    value = call.args[0]
    if value.type not in INTEGRAL:
        raise call.refuse("CAST it to INT or BIGINT.", f"~{value.type} is not supported.")
    return combine(f"(~ {value.sql})", value.type, f"~{value.name}", value)


_WORDS = {"<<": "shiftleft", ">>": "shiftright"}


def shift(call: Call) -> Typed:
    """Shifts of an INT or a BIGINT, by the count modulo its bits, as in Java."""
    value, count = call.args
    narrow = tuple(type for type in INTEGRAL if type != BIGINT)
    if value.type not in INTEGRAL or count.type not in narrow:
        raise call.refuse("CAST the value to INT or BIGINT and the count to INT.")
    type = BIGINT if value.type == BIGINT else INT
    sql = (
        f"spark_{_WORDS.get(call.name, call.name)}_{type}({coerce.to(value, type)}, {coerce.to(count, INT)})"
    )
    name = f"({value.name} {call.name} {count.name})" if call.name in _WORDS else None
    return call.result(sql, type, name=name)


def bit_count(call: Call) -> Typed:
    """bit_count: the bits that are set, counted in 64."""
    value = call.args[0]
    if value.type == BOOLEAN:
        return call.result(f"CAST({value.sql} AS INTEGER)", INT)
    if value.type not in INTEGRAL:
        raise call.refuse("CAST it to BIGINT.")
    return call.result(f"CAST(bit_count({coerce.to(value, BIGINT)}) AS INTEGER)", INT)


def bit_get(call: Call) -> Typed:
    """bit_get(x, n): bit n, from 0 on; raises outside of the type's bits."""
    value, position = call.args
    if value.type not in INTEGRAL or position.type not in INTEGRAL or position.type == BIGINT:
        raise call.refuse("CAST the value to BIGINT and the position to INT.")
    size = 8 * 2 ** INTEGRAL.index(value.type)
    sql = f"spark_bit_get({coerce.to(value, BIGINT)}, {coerce.to(position, INT)}, {size})"
    return call.result(sql, TINYINT)


_TWO = "two integers"
TITLE = "Bits"
ENTRIES = (
    Entry("&", _TWO, "the wider type", bits, (2, 2), node=exp.BitwiseAnd),
    Entry("|", _TWO, "the wider type", bits, (2, 2), node=exp.BitwiseOr),
    Entry("^", _TWO, "the wider type", bits, (2, 2), node=exp.BitwiseXor),
    Entry("~", "an integer", "its type", complement, node=exp.BitwiseNot),
    Entry("<<", "integer, int", "int; bigint", shift, (2, 2), node=exp.BitwiseLeftShift, rule="Java's <<"),
    Entry(">>", "integer, int", "int; bigint", shift, (2, 2), node=exp.BitwiseRightShift, rule="Java's >>"),
    *(
        Entry(name, "integer, int", "int; bigint", shift, (2, 2), rule=f"Java's {symbol}")
        for name, symbol in (("shiftleft", "<<"), ("shiftright", ">>"), ("shiftrightunsigned", ">>>"))
    ),
    Entry("bit_count", "integer, boolean", "int", bit_count),
    Entry("bit_get", "integer, int", "tinyint", bit_get, (2, 2), aliases=("getbit",)),
)
