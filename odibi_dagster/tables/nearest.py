"""The known word that a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

from odibi_dagster.sql.nearest import nearest


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence for an error's remedy: the nearest known word, and else all of them."""
    words = sorted(known)
    if close := nearest(word, words):
        return f"Did you mean `{close}`?"
    return f"Known: {', '.join(words)}." if words else ""
