"""Why a file is left out of its batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odibi_dagster.landing.events import UNREADABLE


@dataclass(frozen=True)
class Note:
    """One file's state, 'gone', 'changed' or 'unreadable', and the reason for people."""

    state: str
    reason: str


def unreadable(reasons: Mapping[str, str]) -> dict[str, Note]:
    """Notes for files that cannot be parsed, from an engine's reasons."""
    return {path: Note(UNREADABLE, reason) for path, reason in reasons.items()}
