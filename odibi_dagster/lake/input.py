"""One input of a step: a table, pinned to a version, opened when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.record import InputVersion


@dataclass(frozen=True)
class Input:
    """A table as a step reads it; nothing is opened before `files` or `read_as` is asked for.

    Args:
        name: "silver.orders".
        url: the table's URL.
        version: the pinned version; None means the newest when it is opened.
    """

    name: str
    url: str
    version: int | None = None

    @classmethod
    def of(cls, log: Log) -> Input:
        """A table that is open already."""
        made = cls(log.name, log.url, log.version)
        vars(made)["log"] = log
        return made

    @cached_property
    def log(self) -> Log:
        """The table's log at the pinned version.

        Raises:
            DataError: the table has never been published.
        """
        log = open_log(self.name, self.url, self.version)
        if log is None:
            raise DataError(
                f"The input {self.name} has never been published.",
                where=Where(table=self.name, url=self.url),
                why="there is no table at this place",
                remedy=f"Materialize it first: dagster asset materialize -m odibi_dagster.definitions "
                f"--select 'key:{self.name.replace('.', '/')}'",
            )
        return log

    @cached_property
    def files(self) -> TableFiles:
        """What an engine needs to read exactly this version."""
        return self.log.pinned()

    @property
    def read_as(self) -> InputVersion:
        """What a publish records of this input."""
        return InputVersion(self.log.table_id, self.log.version, self.log.data_version)
