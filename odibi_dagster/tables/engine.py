"""Which engine a table's file is written for, before its header is validated."""

from __future__ import annotations

from odibi_dagster.tables.document import Document
from odibi_dagster.tables.spec import ENGINES


def engine_of(document: Document | None, default: str) -> str:
    """The engine that a header names, else the environment's; what it names wrongly is told elsewhere.

    Args:
        document: the header.
        default: the environment's engine.
    """
    named = document.data.get("engine") if document else None
    return named if isinstance(named, str) and named in ENGINES else default
