"""Comparisons, logic, LIKE, IN and BETWEEN."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "=": (
        "i = j",
        "a = b",
        "d = 0.0",
        "s = 'abc'",
        "dt = date '2024-01-31'",
    ),
    "<>": ("i <> j",),
    "<=": ("i <= 3",),
    ">": (
        "a > 10",
        "a > 10.251",
        "d > 1",
        "d > a",
        "bi > d",
        "dt > '2024-01-01'",
    ),
    ">=": (
        "ts >= '2024-01-01'",
        "ts >= '1999-12-31 01:02:03'",
    ),
    "<": ("dt < ts",),
    "<=>": (
        "i <=> null",
        "i <=> j",
    ),
    "AND": ("bo and i > 1",),
    "OR": ("bo or i > 1",),
    "NOT": ("not bo",),
    "IS [NOT] NULL|TRUE|FALSE": (
        "i is null",
        "bo is true",
        "bo is not false",
    ),
    "IS DISTINCT FROM": ("i is distinct from j",),
    "[NOT] IN (…)": (
        "i in (1, 2, null)",
        "i not in (1, 2)",
        "i in (1, 2.5)",
        "a in (10.25, 0.05)",
        "s in ('abc', '')",
        "dt in ('2024-01-31')",
    ),
    "[NOT] BETWEEN": (
        "i between 1 and 7",
        "a between 0 and 50",
        "dt between '2024-01-01' and '2024-12-31'",
    ),
    "[NOT] LIKE": (
        "s like '%b%'",
        "s like 'a%b_c'",
        "s like '_'",
        "s not like '%a%'",
        "s like '%😀'",
    ),
}
