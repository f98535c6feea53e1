"""The compiler's macros, and its Python functions, made when a query first uses them.

All of them cost 0.15 s a session.
"""

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
        if name in self._made:
            return
        statement = _statements().get(name)
        if statement is None:
            self._function(name)
            return
        self._made.add(name)
        self.make(statement)
        self.connection.execute(statement)

    def _function(self, name: str) -> None:
        from odibi_dagster.sql.python_functions import PYTHON_FUNCTIONS, create_function

        if name in PYTHON_FUNCTIONS:
            self._made.add(name)
            create_function(self.connection, name)


@cache
def _statements() -> dict[str, str]:
    from odibi_dagster.sql.macros import MACROS

    return {match[0].lower(): text for text in MACROS if (match := _NAME.search(text))}
