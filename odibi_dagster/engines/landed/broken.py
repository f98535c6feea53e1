"""Landed files that cannot be read, told to people."""

from __future__ import annotations

from collections.abc import Mapping

from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where


def broken(read: Landed, reasons: Mapping[str, str], *, table: str) -> DataError:
    """The error that names the files that cannot be read, with reasons.

    Args:
        read: what was being read.
        reasons: path relative to the source -> the reason; at least one.
        table: the table being computed.
    """
    return DataError(
        f"{len(reasons)} of {len(read.files)} file(s) of {read.name} cannot be read.",
        where=Where(table=table, url=f"{read.url}/{next(iter(reasons))}"),
        why="; ".join(f"{path}: {reason}" for path, reason in reasons.items()),
        remedy="Correct the files and let them land again.",
    )
