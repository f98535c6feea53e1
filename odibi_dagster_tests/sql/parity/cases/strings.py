"""Text."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "trim": ("trim(s)",),
    "ltrim": ("ltrim(s)",),
    "rtrim": ("rtrim(s)",),
    "upper": ("upper(s)",),
    "lower": ("lower(s)",),
    "length": (
        "length(s)",
        "char_length(s)",
    ),
    "concat": (
        "concat(s, t)",
        "concat(s, i)",
        "concat(s, a)",
        "concat(s, dt, bo)",
    ),
    "||": ("s || '-' || t",),
    "concat_ws": (
        "concat_ws('-', s, t)",
        "concat_ws(',', s, null, i)",
    ),
    "substring": (
        "substring(s, 1, 2)",
        "substring(s, 2)",
        "substring(s, 0, 2)",
        "substring(s, 0)",
        "substring(s, -2, 1)",
        "substring(s, -2)",
        "substring(s, -5, 3)",
        "substring(s, -5, 4)",
        "substring(s, -100, 99)",
        "substring(s, 3, 0)",
        "substring(s, 2, -1)",
        "substring(s, 100, 2)",
        "substr(s, 2, 3)",
    ),
    "replace": (
        "replace(s, t, 'X')",
        "replace(s, 'a')",
        "replace(s, '', 'x')",
    ),
    "lpad": (
        "lpad(s, 5, 'xy')",
        "lpad(s, 2)",
        "lpad(s, 0, 'x')",
        "lpad(s, -1, 'x')",
    ),
    "rpad": (
        "rpad(s, 5, 'xy')",
        "rpad(s, 10)",
    ),
    "split_part": (
        "split_part(s, 'b', 1)",
        "split_part(s, 'b', 2)",
        "split_part(s, 'b', -1)",
        "split_part(s, 'b', 5)",
    ),
    "contains": ("contains(s, t)",),
    "startswith": ("startswith(s, t)",),
    "endswith": ("endswith(s, t)",),
}
