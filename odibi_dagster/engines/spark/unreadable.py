"""Landed files of which Spark does not say what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from odibi_dagster.engines.landed.broken import broken
from odibi_dagster.engines.protocol import Landed, LocalEngine


def refuse_broken(
    local: LocalEngine, read: Landed, paths: Sequence[str], table: str, *, otherwise: str = ""
) -> None:
    """Refuses those of some doubtful files that cannot be parsed.

    Args:
        local: looks at them.
        read: the landed files.
        paths: of the doubtful ones.
        table: the table being computed.
        otherwise: a reason that holds for all of them if nothing else is found.

    Raises:
        DataError: names them, with reasons.
    """
    doubtful = set(paths)
    some = replace(read, files=tuple(file for file in read.files if file.path in doubtful))
    reasons = dict(local.unreadable(some)) or (dict.fromkeys(paths, otherwise) if otherwise else {})
    if reasons:
        raise broken(read, reasons, table=table)
