"""Patterns."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "[NOT] LIKE": (
        "s LIKE 'a%'",
        "s LIKE 'a\\\\%b%'",
        "s LIKE '%\\\\\\\\%'",
        "s LIKE 'a!%b!_c' ESCAPE '!'",
        "s NOT LIKE '%!_%' ESCAPE '!'",
        "s LIKE '%\\\\\\\\%' ESCAPE '!'",
        "s LIKE '_bc'",
        "s LIKE '%😀'",
        "t LIKE '_'",
        "s LIKE ''",
        "s LIKE '%'",
    ),
    "[NOT] ILIKE": (
        "s ILIKE 'A%'",
        "s ILIKE '%aß%'",
        "s NOT ILIKE '%b%'",
        "s ILIKE '%\\\\%%'",
    ),
    "like": (
        "like(s,'a%')",
        "like(s,'a!%%','!')",
    ),
    "ilike": ("ilike(s,'%ABC%')",),
}
