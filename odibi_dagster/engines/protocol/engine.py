"""Who opens sessions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol.files import TableFiles
    from odibi_dagster.engines.protocol.landed import Landed, LandedFile
    from odibi_dagster.engines.protocol.session import Session
    from odibi_dagster.errors import DataError


class Engine(Protocol):
    """Opens sessions. The environment chooses the engine, and a table may choose another for itself."""

    @property
    def name(self) -> str: ...

    def session(
        self, reads: Mapping[str, TableFiles | Landed], writes: str, *, table: str
    ) -> AbstractContextManager[Session]:
        """A session that can read exactly `reads` and write only staged folders below `writes`.

        The jail is closed before any user's SQL runs. Temporary files are gone when the session ends.

        Args:
            reads: the inputs by the name SQL and functions use, "layer.table".
            writes: the table's URL.
            table: the table's name, for messages.

        Raises:
            StorageError: an input's file is missing, or the table's folder cannot be made.
        """
        ...


class LocalEngine(Engine, Protocol):
    """An engine that works in this process, for others that do not.

    They hand it what is in this process already, such as a function's DataFrame, and ask it what is wrong
    with single landed files, so that all engines say it in the same words.
    """

    def unreadable(self, read: Landed) -> Mapping[str, str]:
        """The files whose bytes cannot be parsed, and why; the values' types are not looked at.

        Args:
            read: landed files; each is brought to this machine alone, and goes again.

        Returns:
            path relative to the source -> the reason.
        """
        ...

    def unfit(self, read: Landed, *, table: str) -> Mapping[str, str]:
        """The files that cannot be read: they cannot be parsed, or have other columns beside files that fit.

        Args:
            read: landed files; each is brought to this machine alone, and goes again.
            table: the table being computed, for messages.

        Returns:
            path relative to the source -> the reason.
        """
        ...

    def diagnose(self, read: Landed, *, table: str) -> DataError | None:
        """The error that says which file, line and column a failure came from, or None if it was none.

        Args:
            read: landed files; each is brought to this machine alone, and goes again.
            table: the table being computed, for messages.
        """
        ...

    def first_line(self, read: Landed, file: LandedFile) -> str:
        """A landed text file's first line, as it is; nothing of a file that is gone."""
        ...
