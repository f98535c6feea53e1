"""What landing needs to know of one source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from odibi_dagster.errors import Where


@dataclass(frozen=True)
class LandingSource:
    """One table's landed files: where they arrive, and which of them a run may take.

    Args:
        table: the table that reads them, "bronze.orders".
        url: the landing layer's URL; every path below is relative to it.
        path: a glob, see `glob.compile_glob`.
        kind: "append" takes batches, each file once; "full" reads everything on each run.
        settle: seconds that a file must have been left alone before it counts as arrived; 0 takes it at once.
        max_files: the most files of one batch.
        max_bytes: the most bytes of one batch; a single file that is larger is a batch of its own.
        accept_changed: goes on although many files that were taken have changed.
        allow_empty: kind full: no file at all is a result, not an error.
        allow_partial: kind full: reads what has settled and leaves out what has not.
        file: the table file that says all this, for messages.
    """

    table: str
    url: str
    path: str
    kind: Literal["append", "full"] = "append"
    settle: float = 0.0
    max_files: int = 10_000
    max_bytes: int = 100 * 10**9
    accept_changed: bool = False
    allow_empty: bool = False
    allow_partial: bool = False
    file: str | None = None

    @property
    def where(self) -> Where:
        """The place for messages."""
        return Where(table=self.table, file=self.file, url=f"{self.url}/{self.path}")
