"""Arithmetic: integers, decimals and doubles.

Decimals follow Spark's DecimalType rules: the exact value, rounded once, half away from zero.
"""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, combine
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    INTEGRAL,
    SMALLINT,
    TINYINT,
    VOID,
    Decimal,
    SparkType,
    to_duckdb,
)

from .entry import Call, Entry

_WORDS = {TINYINT: "TINYINT", SMALLINT: "SMALLINT"}
_FLOAT_REMEDY = "Write CAST(… AS DOUBLE): FLOAT arithmetic differs between engines."


def adjust(precision: int, scale: int) -> Decimal:
    """Spark's `DecimalType.adjustPrecisionScale`: beyond 38 digits the scale gives way, down to 6."""
    if precision <= 38:
        return Decimal(precision, scale)
    kept = min(scale, 6)
    return Decimal(38, max(38 - (precision - scale), kept))


def _numbers(call: Call) -> tuple[Typed, Typed, SparkType | None]:
    """The operands and their common type; None stands for decimals."""
    left, right = call.args
    for value in (left, right):
        if value.type == VOID:
            raise call.refuse("Give NULL a type: CAST(NULL AS INT).")
        if not coerce.is_numeric(value.type):
            raise call.refuse(f"{value.name} is {value.type}: CAST it to a number.", _what(call))
        if value.type == FLOAT:
            raise call.refuse(_FLOAT_REMEDY, _what(call))
    if DOUBLE in (left.type, right.type):
        return left, right, DOUBLE
    if left.type in INTEGRAL and right.type in INTEGRAL:
        return left, right, coerce.wider(left.type, right.type)
    return left, right, None


def _what(call: Call) -> str:
    left, right = call.args[0], call.args[-1]
    return f"{left.type} {call.name} {right.type} is not supported."


def _decimals(left: Typed, right: Typed) -> tuple[str, Decimal, str, Decimal]:
    a, b = coerce.as_decimal(left), coerce.as_decimal(right)
    return coerce.to(left, a), a, coerce.to(right, b), b


def add(call: Call) -> Typed:
    """`+` and `-`; DATE ± integer moves by days."""
    name = f"({call.args[0].name} {call.name} {call.args[1].name})"
    if call.args[0].type == DATE and call.args[1].type in INTEGRAL and call.args[1].type != BIGINT:
        word = "date_add" if call.name == "+" else "date_sub"
        days = coerce.to(call.args[1], INT)
        return call.result(
            f"({call.args[0].sql} {call.name} {days})",
            DATE,
            name=f"{word}({call.args[0].name}, {call.args[1].name})",
        )
    left, right, type = _numbers(call)
    if type is not None:
        return call.result(f"({coerce.to(left, type)} {call.name} {coerce.to(right, type)})", type, name=name)
    x, a, y, b = _decimals(left, right)
    scale = max(a.scale, b.scale)
    precision = max(a.precision - a.scale, b.precision - b.scale) + scale + 1
    if precision > 38:
        raise call.refuse("CAST the operands to fewer digits: the result needs more than 38.", _what(call))
    result = Decimal(precision, scale)
    return call.result(f"CAST(({x} {call.name} {y}) AS {to_duckdb(result)})", result, name=name)


def multiply(call: Call) -> Typed:
    """`*`."""
    name = f"({call.args[0].name} * {call.args[1].name})"
    left, right, type = _numbers(call)
    if type is not None:
        return call.result(f"({coerce.to(left, type)} * {coerce.to(right, type)})", type, name=name)
    x, a, y, b = _decimals(left, right)
    result = adjust(a.precision + b.precision + 1, a.scale + b.scale)
    if a.precision + b.precision > 38 and result.scale != a.scale + b.scale:
        # DuckDB raises beyond 38 digits before anything could be rounded away.
        raise call.refuse("CAST the operands to fewer digits: together they have more than 38.", _what(call))
    if a.precision + b.precision > 18 and a.precision <= 18 and b.precision <= 18:
        # DuckDB multiplies two decimals of at most 18 digits in 64 bits and raises when that is not enough.
        x = f"CAST({x} AS DECIMAL({max(19, a.precision)},{a.scale}))"
    return call.result(f"CAST(({x} * {y}) AS {to_duckdb(result)})", result, name=name)


def divide(call: Call) -> Typed:
    """`/`: doubles for integers and doubles, exact decimals otherwise; by zero raises."""
    name = f"({call.args[0].name} / {call.args[1].name})"
    left, right, type = _numbers(call)
    if type is not None:
        return call.result(f"({coerce.to(left, DOUBLE)} / {coerce.to(right, DOUBLE)})", DOUBLE, name=name)
    x, a, y, b = _decimals(left, right)
    scale = max(6, a.scale + b.precision + 1)
    result = adjust(a.precision - a.scale + b.scale + scale, scale)
    return call.result(quotient(x, a, y, b, result), result, name=name)


def quotient(x: str, a: Decimal, y: str, b: Decimal, result: Decimal) -> str:
    """`x / y` rounded once, half away from zero, to the result type.

    `decimal_division` is exact but rounds ties to even. With the unscaled operands X and Y the result is
    X * 10^e / Y, e = b.scale - a.scale + scale; it lies on a tie only if 2 * X * 10^e = Y * odd, so that
    2^(e+1) divides Y. Only those rows take the slower road over 128-bit integers, in the macros
    `spark_quotient_*`.

    Raises:
        Refusal: the numerator needs more than 38 digits.
    """
    shift = b.scale - a.scale + result.scale
    if shift < 0 or a.precision + shift > 38:
        raise Refusal(
            f"{a} / {b} needs more than 38 digits on the way.", "CAST the operands to fewer digits."
        )
    type, smallest = to_duckdb(result), 2 ** (shift + 1)
    even = f"decimal_division({x}, {y}, {result.scale})"
    if smallest >= 10**b.precision:
        return f"CAST({even} AS {type})"
    unit = f"CAST({10**b.scale} AS DECIMAL({b.scale + 1},0))"
    if b.scale == 0:
        which = "bigint" if b.precision <= 18 else "hugeint"
    else:
        which = "decimal" if b.precision + b.scale + 1 <= 18 else "text"
    ulp = f"CAST('0.{1:0{result.scale}d}' AS DECIMAL({result.scale},{result.scale}))"
    arguments = f"{x}, {y}, {even}, {smallest - 1}, {10**shift}::HUGEINT, {unit}, {ulp}"
    return f"CAST(spark_quotient_{which}({arguments}) AS {type})"


def _quotient_macro(which: str, unscaled: str) -> str:
    digits = "CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT)"
    n, d = f"({digits.format('x')} * shift)", digits.format("y")
    return f"""CREATE OR REPLACE TEMP MACRO spark_quotient_{which}(x, y, even, mask, shift, unit, ulp) AS
        CASE WHEN ({unscaled} & mask) = 0 THEN even + ulp * CAST(CASE
            WHEN 2 * abs({n} % {d}) <> abs({d}) OR abs({n} // {d}) % 2 = 1 THEN 0
            WHEN ({n} < 0) = ({d} < 0) THEN 1 ELSE -1 END AS DECIMAL(1,0))
        ELSE even END"""


QUOTIENT_MACROS: tuple[str, ...] = (
    _quotient_macro("bigint", "CAST(y AS BIGINT)"),
    _quotient_macro("hugeint", "CAST(y AS HUGEINT)"),
    _quotient_macro("decimal", "CAST(y * unit AS BIGINT)"),
    _quotient_macro("text", "CAST(replace(CAST(y AS VARCHAR), '.', '') AS HUGEINT)"),
)


def remainder(call: Call) -> Typed:
    """`%`: the sign of the dividend; by zero raises."""
    name = f"({call.args[0].name} % {call.args[1].name})"
    left, right, type = _numbers(call)
    if type is not None:
        return call.result(f"({coerce.to(left, type)} % {divisor(right, type)})", type, name=name)
    x, a, y, b = _decimals(left, right)
    scale = max(a.scale, b.scale)
    result = adjust(min(a.precision - a.scale, b.precision - b.scale) + scale, scale)
    wide = coerce.wider_decimal(a, b)
    text = f"(CAST({x} AS {to_duckdb(wide)}) % CAST({y} AS {to_duckdb(wide)}))"
    return call.result(f"CAST({text} AS {to_duckdb(result)})", result, name=name)


def divisor(value: Typed, type: SparkType) -> str:
    """The right side of a remainder: -1 counts as 1, with which the smallest integer raises nothing."""
    sql = coerce.to(value, type)
    if type not in INTEGRAL or (value.is_literal and value.literal not in (None, -1)):
        return sql
    return f"(CASE WHEN {sql} = -1 THEN 1 ELSE {sql} END)"


def whole_division(call: Call) -> Typed:
    """DIV: the quotient of integers without its fraction, as BIGINT; by zero raises."""
    left, right, type = _numbers(call)
    if type not in INTEGRAL:
        raise call.refuse("DIV takes integers; CAST the quotient to BIGINT instead.", _what(call))
    sql = f"({coerce.to(left, BIGINT)} // {coerce.to(right, BIGINT)})"
    return call.result(sql, BIGINT, name=f"({left.name} div {right.name})")


def minus(call: Call) -> Typed:
    """Unary minus; the smallest integer has no counterpart and raises."""
    value = call.args[0]
    if value.is_literal and value.literal is not None and coerce.is_numeric(value.type):
        return negative_literal(value)
    if value.type == FLOAT or not coerce.is_numeric(value.type):
        raise call.refuse("CAST it to a number.", f"-{value.type} is not supported.")
    if isinstance(value.type, Decimal) and value.type.precision > 34:
        raise call.refuse("CAST it to at most 34 digits: Spark itself rounds there.")
    sql = f"(- {value.sql})"
    if value.type in _WORDS:
        sql = f"CAST({sql} AS {_WORDS[value.type]})"
    return combine(sql, value.type, f"(- {value.name})", value)


def negative_literal(value: Typed) -> Typed:
    """A literal with a minus in front: the sign belongs to it, so the smallest INT is an INT."""
    exact, type = -value.literal, value.type
    sql = f"(-{value.sql})" if not value.sql.startswith("CAST(") else f"(- {value.sql})"
    if exact == -(2**31):
        type, sql = INT, f"CAST({exact} AS INTEGER)"
    elif exact == -(2**63):
        type, sql = BIGINT, f"CAST({exact} AS BIGINT)"
    return Typed(sql, type, False, f"-{value.name}", literal=exact)


_NUMBERS = "integers, decimals, doubles, mixed"
_RULE = "DecimalType and ANSI arithmetic: overflow raises"
_NO_FLOAT = "no FLOAT; no result beyond 38 digits"

TITLE = "Arithmetic"
ENTRIES = (
    Entry(
        "+",
        f"{_NUMBERS}; date + int",
        "the wider integer; decimal(max(p-s)+max(s)+1, max(s)); double; date",
        add,
        (2, 2),
        node=exp.Add,
        rule=_RULE,
        limits=_NO_FLOAT,
    ),
    Entry(
        "-",
        f"{_NUMBERS}; date - int",
        "as +",
        add,
        (2, 2),
        node=exp.Sub,
        rule=_RULE,
        limits=f"{_NO_FLOAT}; no intervals: use datediff",
    ),
    Entry(
        "*",
        _NUMBERS,
        "the wider integer; decimal(p1+p2+1, s1+s2), adjusted; double",
        multiply,
        (2, 2),
        node=exp.Mul,
        rule=_RULE,
        limits="no FLOAT; where Spark would drop decimal places: more than 38 digits together",
    ),
    Entry(
        "/",
        _NUMBERS,
        "double; decimal with s = max(6, s1+p2+1), p = p1-s1+s2+s, adjusted",
        divide,
        (2, 2),
        node=exp.Div,
        rule=f"{_RULE}; division by zero raises",
        limits="no FLOAT",
    ),
    Entry(
        "%",
        _NUMBERS,
        "the wider integer; decimal(min(p-s)+max(s), max(s)); double",
        remainder,
        (2, 2),
        node=exp.Mod,
        rule=f"{_RULE}; division by zero raises",
        limits="no FLOAT",
    ),
    Entry(
        "DIV", "integers", "bigint", whole_division, (2, 2), node=exp.IntDiv, rule=_RULE, limits="no decimals"
    ),
    Entry(
        "- (sign)",
        "a number",
        "its type",
        minus,
        node=exp.Neg,
        rule=_RULE,
        limits="no FLOAT; decimals of at most 34 digits",
    ),
)
