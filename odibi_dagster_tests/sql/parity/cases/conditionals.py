"""Conditionals."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "CASE": (
        "case when i > 1 then a else 0 end",
        "case when i > 1 then a else b end",
        "case i when 1 then 'x' when 2 then 'y' end",
        "case when bo then i else a end",
        "case when bo then i else d end",
        "case when bo then dt else ts end",
        "case when bo then null else i end",
    ),
    "if": (
        "if(i > 1, i, bi)",
        "if(bo, 1, null)",
    ),
    "coalesce": (
        "coalesce(i, 0)",
        "coalesce(a, 0)",
        "coalesce(a, 0.0)",
        "coalesce(s, 'none')",
        "coalesce(i, a, d)",
        "coalesce(dt, '2024-01-01')",
    ),
    "nvl": (
        "nvl(i, j)",
        "ifnull(a, 1)",
    ),
    "nvl2": ("nvl2(i, a, b)",),
    "nullif": (
        "nullif(i, 2)",
        "nullif(a, 10.25)",
        "nullif(s, '')",
        "nullif(a, 0)",
    ),
    "greatest": (
        "greatest(i, j)",
        "greatest(a, b)",
        "greatest(d, i)",
    ),
    "least": (
        "least(i, j, 0)",
        "least(dt, date '2024-01-01')",
    ),
}
