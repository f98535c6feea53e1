"""Functions of one number, and tests on it."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "abs": (
        "abs(j)",
        "abs(a)",
        "abs(d)",
        "abs(f)",
        "abs(ti)",
        "abs(i)",
        "abs(b)",
        "abs(CAST(id AS DECIMAL(6,0)))",
    ),
    "positive": (
        "positive(d)",
        "positive(i)",
        "positive(f)",
        "positive(a)",
    ),
    "sign": (
        "sign(d)",
        "sign(x)",
        "sign(f)",
        "sign(i)",
        "sign(a)",
        "signum(a)",
        "signum(bi)",
    ),
    "isnan": (
        "isnan(d)",
        "isnan(f)",
        "isnan(i)",
        "isnan(a)",
    ),
    "nanvl": (
        "nanvl(d,x)",
        "nanvl(f,f)",
        "nanvl(f,d)",
        "nanvl(i,j)",
        "nanvl(d,0)",
    ),
    "width_bucket": (
        "width_bucket(x,-5,5,10)",
        "width_bucket(x,5,-5,10)",
        "width_bucket(i,0,100,j)",
        "width_bucket(d,0,10,5)",
        "width_bucket(a,-100,100,7)",
    ),
    "hex": (
        "hex(i)",
        "hex(ti)",
        "hex(bi)",
        "hex(s)",
        "hex(bin)",
    ),
    "unhex": (
        "unhex(hex(s))",
        "unhex(s)",
    ),
    "bin": (
        "bin(i)",
        "bin(bi)",
        "bin(ti)",
    ),
}
