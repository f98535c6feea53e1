"""Logarithms, powers and trigonometry: all in DOUBLE.

Spark computes them with Java's StrictMath, DuckDB with the C library: the last bit can differ, as it does
between two versions of Java. Where one raises and the other answers, Spark's answer is given.
"""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, DOUBLE, INT, INTEGRAL, VOID

from .entry import Call, Entry


def double(call: Call, at: int = 0) -> str:
    """An argument as a DOUBLE: any number.

    Raises:
        Refusal: it is not a number.
    """
    arg = call.args[at]
    if arg.type != VOID and not coerce.is_numeric(arg.type):
        raise call.refuse(f"{arg.name} is {arg.type}: CAST it to DOUBLE.")
    return coerce.to(arg, DOUBLE)


_NAN, _INFINITY = "CAST('nan' AS DOUBLE)", "CAST('inf' AS DOUBLE)"
_TWO = "0.6931471805599453::DOUBLE"  # ln(2): Spark divides by it
# DuckDB raises where a function has no value; Spark answers NaN, an infinity or, for logarithms, NULL.
_FORMULAS = {
    "sqrt": "CASE WHEN x < 0 THEN {nan} ELSE sqrt(x) END",
    "ln": "CASE WHEN x > 0 THEN ln(x) END",
    "log10": "CASE WHEN x > 0 THEN log10(x) END",
    "log2": f"CASE WHEN x > 0 THEN ln(x) / {_TWO} END",
    # Kahan's forms: exact to a few units in the last place for small x as well.
    "log1p": "CASE WHEN x > -1 THEN CASE WHEN 1 + x = 1 OR x >= 9e15 THEN CASE WHEN x >= 9e15 THEN ln(x) "
    "ELSE x END ELSE ln(1 + x) * (x / ((1 + x) - 1)) END END",
    "expm1": "CASE WHEN exp(x) = 1 THEN x WHEN x < -37 THEN -1::DOUBLE WHEN x > 1 OR isnan(x) "
    "THEN exp(x) - 1 ELSE (exp(x) - 1) * (x / ln(exp(x))) END",
    "sin": "CASE WHEN isinf(x) THEN {nan} ELSE sin(x) END",
    "cos": "CASE WHEN isinf(x) THEN {nan} ELSE cos(x) END",
    "tan": "CASE WHEN isinf(x) THEN {nan} ELSE tan(x) END",
    "cot": "CASE WHEN isinf(x) THEN {nan} WHEN x = 0 THEN {infinite} ELSE 1 / tan(x) END",
    "sec": "CASE WHEN isinf(x) THEN {nan} ELSE 1 / cos(x) END",
    "csc": "CASE WHEN isinf(x) THEN {nan} WHEN x = 0 THEN {infinite} ELSE 1 / sin(x) END",
    "asin": "CASE WHEN abs(x) <= 1 THEN asin(x) WHEN x IS NOT NULL THEN {nan} END",
    "acos": "CASE WHEN abs(x) <= 1 THEN acos(x) WHEN x IS NOT NULL THEN {nan} END",
    "atanh": "CASE WHEN abs(x) <= 1 THEN atanh(x) WHEN x IS NOT NULL THEN {nan} END",
    "hypot": "CASE WHEN x IS NULL OR y IS NULL THEN NULL "
    "WHEN isinf(x) OR isinf(y) THEN {infinity} WHEN isnan(x) OR isnan(y) THEN {nan} "
    "WHEN x = 0 OR y = 0 THEN abs(x) + abs(y) ELSE greatest(abs(x), abs(y)) * "
    "sqrt(1 + pow(least(abs(x), abs(y)) / greatest(abs(x), abs(y)), 2)) END",
    # Java knows no 1 to the power of NaN or of an infinity; DuckDB raises for 0 to a negative power.
    "power": "CASE WHEN y = 0 THEN CASE WHEN x IS NOT NULL THEN 1::DOUBLE END "
    "WHEN isnan(y) OR (abs(x) = 1 AND isinf(y)) THEN CASE WHEN x IS NOT NULL THEN {nan} END "
    "WHEN x = 0 AND y < 0 THEN CASE WHEN {negative} AND y % 2 IN (1, -1) THEN -{infinity} ELSE {infinity} "
    "END ELSE pow(x, y) END",
    "atan2": "atan2(x + 0.0, y + 0.0)",
}
_SHARED = {
    "nan": _NAN,
    "infinity": _INFINITY,
    "negative": "CAST(x AS VARCHAR)[1] = '-'",
    "infinite": f"CASE WHEN CAST(x AS VARCHAR)[1] = '-' THEN -{_INFINITY} ELSE {_INFINITY} END",
}
_BINARY = ("hypot", "power", "atan2")
_NULLS = ("ln", "log", "log2", "log10", "log1p")
MATH_MACROS: tuple[str, ...] = (
    *(
        f"CREATE OR REPLACE TEMP MACRO spark_{name}({'x, y' if name in _BINARY else 'x'}) AS "
        + formula.format(**_SHARED)
        for name, formula in _FORMULAS.items()
    ),
    "CREATE OR REPLACE TEMP MACRO spark_log(b, x) AS CASE WHEN b > 0 AND x > 0 THEN "
    f"CASE WHEN b = 1 THEN CASE WHEN x = 1 OR isnan(x) THEN {_NAN} WHEN x > 1 THEN {_INFINITY} "
    f"ELSE -{_INFINITY} END ELSE ln(x) / ln(b) END END",
    "CREATE OR REPLACE TEMP MACRO spark_factorial(n) AS "
    "CASE WHEN n BETWEEN 0 AND 20 THEN CAST(factorial(CAST(n AS INTEGER)) AS BIGINT) END",
)
_LOWER = ("ln", "pow")


def function(call: Call) -> Typed:
    """A function of one or two numbers, as a DOUBLE."""
    args = ", ".join(double(call, at) for at in range(len(call.args)))
    plain = {"pow": "power"}.get(call.name, call.name)
    word = f"spark_{plain}" if plain in _FORMULAS else plain
    names = ", ".join(arg.name for arg in call.args)
    name = f"{call.name if call.name in _LOWER else call.name.upper()}({names})"
    nullable = True if call.name in _NULLS else None
    return call.result(f"{word}({args})", DOUBLE, name=name, nullable=nullable)


def log(call: Call) -> Typed:
    """log([base,] x): the natural logarithm without a base."""
    names = [arg.name for arg in call.args]
    if len(names) == 1:
        name = f"LOG(E(), {names[0]})"
        return call.result(f"spark_ln({double(call)})", DOUBLE, name=name, nullable=True)
    sql = f"spark_log({double(call, 0)}, {double(call, 1)})"
    return call.result(sql, DOUBLE, name=f"LOG({', '.join(names)})", nullable=True)


def constant(call: Call) -> Typed:
    """pi() and e()."""
    value = {"pi": "3.141592653589793", "e": "2.718281828459045"}[call.name]
    return call.result(f"CAST('{value}' AS DOUBLE)", DOUBLE, name=f"{call.name.upper()}()", nullable=False)


def factorial(call: Call) -> Typed:
    """factorial(n): NULL outside of 0 to 20."""
    value = call.args[0]
    if value.type not in INTEGRAL or value.type == BIGINT:
        raise call.refuse("CAST it to INT.")
    return call.result(f"spark_factorial({coerce.to(value, INT)})", BIGINT, nullable=True)


_RULE = "Java's StrictMath; the last bit can differ"


def _entry(name: str, limits: str = "", aliases: tuple[str, ...] = ()) -> Entry:
    count = 2 if name in _BINARY else 1
    takes = "two numbers" if count == 2 else "a number"
    return Entry(name, takes, "double", function, (count, count), aliases=aliases, rule=_RULE, limits=limits)


_OUTSIDE = "NULL where there is no logarithm"
TITLE = "Mathematics"
ENTRIES = (
    _entry("sqrt", "NaN for negative numbers"),
    *(_entry(name) for name in ("cbrt", "exp", "expm1")),
    *(_entry(name, _OUTSIDE) for name in ("ln", "log2", "log10", "log1p")),
    Entry("log", "[base,] number", "double", log, (1, 2), rule=_RULE, limits=_OUTSIDE),
    _entry("power", aliases=("pow",)),
    *(_entry(name) for name in ("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "atan2")),
    *(_entry(name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")),
    *(_entry(name) for name in ("hypot", "degrees", "radians")),
    Entry("pi", "nothing", "double", constant, (0, 0)),
    Entry("e", "nothing", "double", constant, (0, 0)),
    Entry("factorial", "tinyint, smallint, int", "bigint", factorial, limits="NULL outside of 0 to 20"),
)
