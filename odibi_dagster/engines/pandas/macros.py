"""The compiler's macros, made when a query first uses them: all of them cost 0.15 s a session."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_NAME = re.compile(r"\bspark_\w+", re.IGNORECASE)


class Macros:
    """Which of the compiler's macros a connection has.

    Args:
        connection: the session's connection.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._made: set[str] = set()

    def make(self, *texts: str) -> None:
        """Creates the macros that the SQL uses, and those they use themselves."""
        for text in texts:
            for name in _NAME.findall(text):
                self._one(name.lower())

    def _one(self, name: str) -> None:
        statement = _statements().get(name)
        if statement is None or name in self._made:
            return
        self._made.add(name)
        self.make(statement)
        self.connection.execute(statement)


@cache
def _statements() -> dict[str, str]:
    from odibi_dagster.sql.macros import MACROS

    return {match[0].lower(): text for text in MACROS if (match := _NAME.search(text))}
