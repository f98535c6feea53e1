"""What is published of one table: its log and the newest publish in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from odibi_dagster.engines.protocol import DataFile
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.record import Record, records
from odibi_dagster.project import Project


@dataclass(frozen=True)
class Published:
    """One table as it is in the lake now; nothing is read before it is asked for.

    Args:
        project: says where the table is.
        key: "silver.orders".
    """

    project: Project
    key: str

    @cached_property
    def log(self) -> Log | None:
        """The newest version; None if there is no table."""
        return open_log(self.key, self.project.url(self.key))

    @cached_property
    def records(self) -> list[tuple[int, Record]]:
        """The platform's publishes with their versions, newest first, as far back as the log goes."""
        return list(records(self.log)) if self.log else []

    @property
    def latest(self) -> Record | None:
        """The newest publish that a table file made; None if the log has none (any more)."""
        return next((record for _, record in self.records if record.code), None)


def row_count(files: Iterable[DataFile]) -> int | None:
    """The rows in these files; None if a writer left the number out of one of them."""
    rows = [file.rows for file in files]
    return None if any(number < 0 for number in rows) else sum(rows)
