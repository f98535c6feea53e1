"""The columns of a landed relation: the files' own, those of hive folders, and those added to them."""

from __future__ import annotations

from dataclasses import dataclass

from odibi_dagster.engines.landed.forms import readable
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column, Schema


@dataclass(frozen=True)
class LandedColumns:
    """Which columns of a landed read come from where.

    Args:
        declared: the declared columns without `_file`, `_batch`, `_landed_at`; None when nothing is declared.
        wanted: those of them that are the files' own; None when nothing is declared.
        folders: the hive folders' columns in order of first appearance: as declared, else STRING.
        last: `_file`, `_batch` (only with a batch) and `_landed_at`.
    """

    declared: Schema | None
    wanted: Schema | None
    folders: tuple[Column, ...]
    last: Schema

    @classmethod
    def of(cls, read: Landed) -> LandedColumns:
        """The columns of a read, as far as they are known before a file is opened."""
        names = tuple(dict.fromkeys(name for file in read.files for name in file.folder_values))
        declared = wanted = None
        if read.schema is not None:
            declared = tuple(column for column in read.schema if column.name not in LANDED_COLUMNS)
            wanted = tuple(column for column in declared if column.name not in names)
        known = {column.name: column for column in declared or ()}
        folders = tuple(known.get(name, Column(name, STRING)) for name in names)
        batch = (Column("_batch", BIGINT, nullable=False),) if read.batch is not None else ()
        last = (
            Column("_file", STRING, nullable=False), *batch, Column("_landed_at", TIMESTAMP, nullable=False)
        )  # fmt: skip
        return cls(declared, wanted, folders, last)

    @property
    def added(self) -> frozenset[str]:
        """The names that no file may have a column of its own by."""
        return frozenset((*LANDED_COLUMNS, *(column.name for column in self.folders)))

    def all(self, found: Schema) -> Schema:
        """The relation's columns: the declared ones in their order, or the files'; folders that are not
        declared; then those that are added.

        Args:
            found: the files' own columns.
        """
        own = {column.name: column for column in found}
        first = tuple(own.get(c.name, c) for c in (found if self.declared is None else self.declared))
        names = {column.name for column in first}
        return (*first, *(column for column in self.folders if column.name not in names), *self.last)


def refuse_clash(found: Schema, added: frozenset[str], read: Landed, *, table: str) -> None:
    """Refuses files that have columns of the added ones' names.

    Raises:
        DataError: names them.
    """
    clash = [column.name for column in found if column.name in added]
    if clash:
        raise DataError(
            f"The files of {read.name} have columns that are added to them: {', '.join(clash)}.",
            where=Where(table=table, url=read.url),
            why=f"{', '.join(LANDED_COLUMNS)} and hive folders (name=value) become columns of their own",
            remedy="Rename the columns in the files, or the folders.",
        )


def check_folder(column: Column, *, table: str) -> None:
    """Refuses a folder's column whose type no folder's name can say.

    Raises:
        DataError: names it.
    """
    if not readable(column.type):
        raise DataError(
            f"The folder column {column.name!r} cannot be {column.type}.",
            where=Where(table=table),
            remedy="Declare it as a string, a number, a date or a timestamp.",
        )
