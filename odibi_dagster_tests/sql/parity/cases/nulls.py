"""NULL and types."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "isnull": (
        "isnull(i)",
        "isnull(s)",
    ),
    "isnotnull": ("isnotnull(i)",),
    "equal_null": (
        "equal_null(i,j)",
        "equal_null(s,t)",
        "equal_null(i,NULL)",
    ),
    "nullifzero": (
        "nullifzero(i)",
        "nullifzero(d)",
        "nullifzero(a)",
        "nullifzero(bi)",
    ),
    "zeroifnull": (
        "zeroifnull(i)",
        "zeroifnull(d)",
        "zeroifnull(a)",
        "zeroifnull(ti)",
        "zeroifnull(h38)",
    ),
    "typeof": (
        "typeof(i)",
        "typeof(a)",
        "typeof(s)",
        "typeof(ts)",
        "typeof(tn)",
        "typeof(hex(s))",
        "typeof(1.50)",
        "typeof(current_date())",
    ),
}
