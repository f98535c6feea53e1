"""Mathematics."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "sqrt": (
        "sqrt(d)",
        "sqrt(x)",
        "sqrt(i)",
        "sqrt(a)",
        "sqrt(p38)",
        "sqrt(f)",
        "sqrt(4)",
        "sqrt(NULL)",
    ),
    "cbrt": (
        "cbrt(d)",
        "cbrt(x)",
    ),
    "exp": (
        "exp(d)",
        "exp(x)",
    ),
    "expm1": (
        "expm1(d)",
        "expm1(x)",
        "expm1(f)",
    ),
    "ln": (
        "ln(d)",
        "ln(x)",
        "ln(bi)",
    ),
    "log2": (
        "log2(d)",
        "log2(x)",
    ),
    "log10": (
        "log10(d)",
        "log10(x)",
        "log10(w)",
    ),
    "log1p": (
        "log1p(d)",
        "log1p(x)",
        "log1p(f)",
    ),
    "log": (
        "log(d)",
        "log(x)",
        "log(x,d)",
        "log(d,x)",
        "log(i,j)",
        "log(2,d)",
        "log(10,x)",
        "log(NULL, 3)",
    ),
    "power": (
        "pow(d,x)",
        "pow(x,d)",
        "power(i,j)",
        "power(d,2)",
        "power(d,-1)",
        "power(d,0.5)",
        "power(x,-3)",
        "power(d,d)",
        "power(a,b)",
        "power(f,ti)",
    ),
    "sin": (
        "sin(d)",
        "sin(x)",
    ),
    "cos": (
        "cos(d)",
        "cos(x)",
    ),
    "tan": (
        "tan(d)",
        "tan(x)",
    ),
    "cot": (
        "cot(d)",
        "cot(x)",
    ),
    "sec": (
        "sec(d)",
        "sec(x)",
    ),
    "csc": (
        "csc(d)",
        "csc(x)",
    ),
    "asin": (
        "asin(d)",
        "asin(x)",
    ),
    "acos": (
        "acos(d)",
        "acos(x)",
    ),
    "atan": (
        "atan(d)",
        "atan(x)",
    ),
    "atan2": (
        "atan2(d,x)",
        "atan2(x,d)",
        "atan2(d,d)",
    ),
    "sinh": (
        "sinh(d)",
        "sinh(x)",
    ),
    "cosh": (
        "cosh(d)",
        "cosh(x)",
    ),
    "tanh": (
        "tanh(d)",
        "tanh(x)",
    ),
    "asinh": (
        "asinh(d)",
        "asinh(x)",
    ),
    "acosh": (
        "acosh(d)",
        "acosh(x)",
    ),
    "atanh": (
        "atanh(d)",
        "atanh(x)",
    ),
    "hypot": (
        "hypot(d,x)",
        "hypot(x,d)",
        "hypot(i,j)",
    ),
    "degrees": (
        "degrees(d)",
        "degrees(x)",
    ),
    "radians": (
        "radians(d)",
        "radians(x)",
        "radians(i)",
    ),
    "pi": ("pi()",),
    "e": ("e()",),
    "factorial": (
        "factorial(i)",
        "factorial(j)",
        "factorial(ti)",
        "factorial(si)",
    ),
}
