"""What one step writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.engines.spark import stage
from odibi_dagster.sql.types import Schema
from odibi_dagster.storage.objects import open_objects


class Writes:
    """The staged folder of one step: each write has a folder of its own in it.

    Args:
        url: the table's URL.
        table: the table's name, for messages.
        explained: turns what Spark raises into errors for people, given what failed.
    """

    def __init__(
        self, url: str, table: str, explained: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        self.url, self.table, self.explained = url, table, explained
        self.folder = f"staged-{uuid4()}"
        self._written = 0
        self._replaced: list[str] = []

    def write(self, native: Any, schema: Schema, partition_by: tuple[str, ...]) -> Staged:
        """Stages a DataFrame's rows; after an error nothing of them is left.

        The first write has the step's folder, later ones lie below it.
        """
        self._written += 1
        folder = self.folder if self._written == 1 else f"{self.folder}/{self._written}"
        try:
            with self.explained("The result cannot be written"):
                files = stage.write(
                    native,
                    table=self.table,
                    root=self.url,
                    folder=folder,
                    schema=schema,
                    partition_by=partition_by,
                )
        except BaseException:
            # Nothing of this write was handed out, so nobody can have committed it.
            stage.remove(self.url, folder)
            raise
        return Staged(self.url, (self.folder,), files, schema, partition_by)

    def rewrite(self, given: Staged, paths: Sequence[str], kept: Callable[[Staged], Any]) -> Staged:
        """What was staged, with some files written again: of each only the rows that are kept.

        Args:
            given: what was staged.
            paths: of the files to write again; none: nothing is done.
            kept: the DataFrame of the rows to keep of some staged files.
        """
        if not paths:
            return given
        known = {file.path: file for file in given.files}
        dirty = tuple(known[path] for path in paths)
        part = Staged(given.table_url, given.folders, dirty, given.schema, given.partition_by)
        with self.explained("The staged files cannot be written again"):
            native = kept(part)
        fresh = self.write(native, given.schema, given.partition_by)
        self._replaced += paths
        files = (*(file for file in given.files if file.path not in set(paths)), *fresh.files)
        return Staged(given.table_url, given.folders, files, given.schema, given.partition_by)

    def clean(self) -> None:
        """Removes the files that were written again; nobody can have published them."""
        if self._replaced:
            open_objects(self.url).delete(self._replaced)
