"""Arithmetic by name."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "mod": (
        "mod(i,7)",
        "mod(a,b)",
        "mod(d,3)",
    ),
    "div": (
        "div(i,2)",
        "div(bi,i)",
        "div(i,j)",
    ),
    "pmod": (
        "pmod(i,7)",
        "pmod(i,-7)",
        "pmod(i,j)",
        "pmod(bi,1000)",
        "pmod(bi,-9223372036854775807)",
        "pmod(i,-2147483648)",
        "pmod(ti,3)",
        "pmod(si,si)",
        "pmod(d,2)",
        "pmod(d,-2)",
        "pmod(d,x)",
        "pmod(a,3)",
        "pmod(a,-3)",
        "pmod(a,b)",
        "pmod(a,1.5)",
    ),
    "negative": (
        "negative(d)",
        "negative(i)",
        "negative(f)",
        "negative(a)",
        "negative(bi)",
        "negative(5)",
        "negative(ti)",
    ),
    "try_add": (
        "try_add(i,j)",
        "try_add(bi,bi)",
        "try_add(ti,ti)",
        "try_add(a,b)",
        "try_add(d,x)",
        "try_add(i,a)",
        "try_add(p38,p38)",
    ),
    "try_subtract": (
        "try_subtract(i,j)",
        "try_subtract(bi,i)",
        "try_subtract(a,i)",
    ),
    "try_multiply": (
        "try_multiply(i,j)",
        "try_multiply(bi,bi)",
        "try_multiply(si,si)",
        "try_multiply(a,b)",
        "try_multiply(d,d)",
    ),
    "try_divide": (
        "try_divide(i,j)",
        "try_divide(a,b)",
        "try_divide(d,x)",
        "try_divide(a,0)",
        "try_divide(i,0)",
    ),
    "try_mod": (
        "try_mod(i,j)",
        "try_mod(a,b)",
        "try_mod(d,x)",
        "try_mod(bi,3)",
    ),
}
