"""Files that land become trusted bronze, silver and gold tables, on Dagster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odibi_dagster.cloud import CloudAdapter

__all__ = ["CloudAdapter"]


def __getattr__(name: str) -> object:
    """The public names, imported when they are asked for (PEP 562): a command does not pay for a notebook."""
    if name == "CloudAdapter":
        from odibi_dagster.cloud import CloudAdapter

        return CloudAdapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
