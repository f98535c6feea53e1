"""What was asked of a store, by kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from odibi_dagster_tests.services.fault import Seen


@dataclass(frozen=True)
class Asked:
    """Requests of one run.

    Args:
        fetched: GETs of data files, landed ones too.
        sent: PUTs of data files, each part of a large one by itself.
        logs: GETs and PUTs of Delta logs' entries and checkpoints.
        listed: listings.
        other: whatever else, such as HEAD and DELETE.
    """

    fetched: int
    sent: int
    logs: int
    listed: int
    other: int

    @property
    def all(self) -> int:
        """How many there were."""
        return self.fetched + self.sent + self.logs + self.listed + self.other


def count(seen: Iterable[Seen]) -> Asked:
    """Sorts the requests that a proxy has seen."""
    kinds = [_kind(each) for each in seen]
    return Asked(*(kinds.count(kind) for kind in ("fetched", "sent", "logs", "listed", "other")))


def _kind(seen: Seen) -> str:
    query = seen.target.partition("?")[2]
    if seen.method == "GET" and ("list-type=" in query or "comp=list" in query):
        return "listed"
    if "/_delta_log/" in seen.path and seen.method in ("GET", "PUT"):
        return "logs"
    return {"GET": "fetched", "PUT": "sent"}.get(seen.method, "other")
