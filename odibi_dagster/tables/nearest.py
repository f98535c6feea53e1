"""The known word that a misspelt one was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when none is like it; letter case does not count."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence for an error's remedy: the nearest known word, and else all of them."""
    words = sorted(known)
    if close := nearest(word, words):
        return f"Did you mean `{close}`?"
    return f"Known: {', '.join(words)}." if words else ""
