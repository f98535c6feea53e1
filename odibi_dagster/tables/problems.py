"""The problems of one table file, collected so that all of them are reported at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from odibi_dagster.errors import ConfigError, ConfigErrors, Where


@dataclass
class Problems:
    """Collects what is wrong with one file.

    Args:
        file: the file as a person finds it.
        table: "layer.name", or None when the file names no table.
    """

    file: str
    table: str | None = None
    errors: list[ConfigError] = field(default_factory=list)

    def add(
        self, what: str, *, line: int | None = None, why: str = "", remedy: str = "", file: str | None = None
    ) -> None:
        """Note one problem, at a line (1-based) of the file, or of another one that it builds on."""
        where = Where(table=self.table, file=file or self.file, line=line)
        self.errors.append(ConfigError(what, where=where, why=why, remedy=remedy))

    def take(self, error: ConfigError) -> None:
        """Note a problem that another parser raised, or all of them when it raised several."""
        self.errors.extend(error.errors if isinstance(error, ConfigErrors) else [error])
