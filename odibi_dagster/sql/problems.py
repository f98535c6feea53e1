"""Every problem of one SQL text, each with its line in the user's file."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.errors import ConfigErrors, SqlError, Where

from .dialect import line_of


class Problems:
    """Collects errors, so that a user sees all of them at once."""

    def __init__(self, *, file: str, first_line: int, table: str) -> None:
        self.file, self.first_line, self.table = file, first_line, table
        self.errors: list[SqlError] = []

    def error(self, at: exp.Expr | int | None, what: str, why: str = "", remedy: str = "") -> SqlError:
        """The error for a node, or for a line of the SQL text that counts from 1."""
        line = line_of(at) if isinstance(at, exp.Expr) else at
        number = self.first_line + (line or 1) - 1
        where = Where(table=self.table, file=self.file, line=number)
        return SqlError(what, where=where, why=why, remedy=remedy)

    def add(self, at: exp.Expr | int | None, what: str, why: str = "", remedy: str = "") -> None:
        """Record an error once."""
        error = self.error(at, what, why, remedy)
        if str(error) not in {str(known) for known in self.errors}:
            self.errors.append(error)

    def raise_any(self) -> None:
        """Raise what was recorded: one SqlError alone, several as ConfigErrors."""
        self.errors.sort(key=lambda error: error.where.line or 0)
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise ConfigErrors(self.errors)
