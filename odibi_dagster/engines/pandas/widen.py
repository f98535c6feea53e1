"""Views of remote inputs: made for what a query needs, and widened when another query needs more."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from odibi_dagster.engines.pandas import prune, quote, read, remote, stream
from odibi_dagster.engines.pandas.failures import STREAM
from odibi_dagster.engines.pandas.needs import Need, any_of
from odibi_dagster.engines.pandas.remote import RemoteTable

logger = logging.getLogger("odibi_dagster.engines")


@dataclass
class RemoteView:
    """The view of one remote input.

    It never loses a row or a column that it had: relations that were made with it, and not computed yet, stay
    right, for each holds its own conditions against every row.

    Args:
        connection: the session's connection.
        name: the view's, as SQL names the input.
        given: the input.
    """

    connection: Any
    name: str
    given: RemoteTable
    _needs: list[Need] = field(default_factory=list)
    _streamed: bool = False
    _handle: Any = None

    def numbers(self, need: Need) -> set[int]:
        """Which files may hold a row that is needed."""
        if self._streamed:
            return set()
        return set(prune.matching(self.connection, self.given.read, need.condition))

    def show(self, need: Need, numbers: set[int]) -> None:
        """Makes the view hold what is needed.

        Args:
            need: what a query needs.
            numbers: the files that hold it; streamed, if they are not on this machine.
        """
        known, self._needs = self._needs, [*self._needs, need]
        if not self._streamed and numbers <= self.given.here:
            self._replace(read.select(self.connection, *self.given.part()))
        elif need not in known or not self._streamed:
            self._stream()

    def _stream(self) -> None:
        table = self.given.read
        if not self._streamed:
            logger.info("%s: %s does not fit into the cache: it is streamed.", self.given.table, table.name)
            self._streamed, self._handle = True, stream.open_table(table)
        text, names = stream.query(self.connection, table, _union(self._needs))
        source = f"{STREAM}{uuid4().hex}"
        self.connection.register(source, stream.Stream(self._handle, text))
        self._replace(read.streamed(self.connection, table, names, source))

    def _replace(self, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {quote.name(self.name)} AS {query}")


def widen(views: Mapping[str, RemoteView], needs: Mapping[str, Need]) -> None:
    """Makes each view hold what is needed; files of all of them are fetched together.

    Args:
        views: by the input's name.
        needs: by the same names.

    Raises:
        StorageError, TransientError: a file is missing, or a store did not give it.
    """
    numbers = {name: views[name].numbers(need) for name, need in needs.items()}
    remote.fetch([(views[name].given, wanted) for name, wanted in numbers.items()])
    for name, need in needs.items():
        views[name].show(need, numbers[name])


def _union(needs: list[Need]) -> Need:
    columns = [need.columns for need in needs]
    known = [names for names in columns if names is not None]
    return Need(
        frozenset[str]().union(*known) if len(known) == len(columns) else None,
        any_of(tuple(dict.fromkeys(need.condition for need in needs))),
    )
