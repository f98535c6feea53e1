"""Rounding and signs."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "abs": (
        "abs(j)",
        "abs(a)",
        "abs(d)",
    ),
    "round": (
        "round(a, 1)",
        "round(a)",
        "round(b, 2)",
        "round(b, 0)",
        "round(b, 6)",
        "round(i)",
        "round(w, 3)",
    ),
    "ceil": (
        "ceil(a)",
        "ceil(d)",
        "ceil(b)",
        "ceiling(j)",
        "ceil(i)",
    ),
    "floor": (
        "floor(a)",
        "floor(d)",
        "floor(w)",
    ),
}
