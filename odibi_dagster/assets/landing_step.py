"""One run of a table whose rows come from landed files: what reading them has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import dagster as dg

from odibi_dagster.assets.checks import Outcome
from odibi_dagster.assets.landing_source import external_source, landing_source, source_key
from odibi_dagster.assets.report import READABLE
from odibi_dagster.assets.step import Step
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed, LandedFile, Staged, TableFiles
from odibi_dagster.errors import ConfigError, DataError, OdibiError
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.metadata import ColumnNote
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.landing.note import Note, unreadable
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verify import verified_by_reading, verify
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column
from odibi_dagster.tables.spec import ExternalBody, LandingBody

if TYPE_CHECKING:
    from odibi_dagster.sql.types import Schema

LANDED = (Column("_file", STRING), Column("_landed_at", TIMESTAMP))
LANDED_WITH_BATCH = (Column("_file", STRING), Column("_batch", BIGINT), Column("_landed_at", TIMESTAMP))

_LANDED_NOTES = {
    "_file": ColumnNote("The landed file that the row came from."),
    "_batch": ColumnNote("The number of the batch that took the file."),
    "_landed_at": ColumnNote("When the batch was opened; without batches, when the run was created."),
}


@dataclass
class LandingStep(Step):
    """A step that stages landed files; `BatchStep` and `WholeStep` say which."""

    @cached_property
    def notes(self) -> Mapping[str, ColumnNote]:
        """What the contract says of the columns, and what ours are."""
        return {**_LANDED_NOTES, **super().notes}

    @property
    def source(self) -> LandingSource:
        """Where the files are."""
        body = self.spec.body
        if isinstance(body, ExternalBody):
            return external_source(self.spec, body)
        return landing_source(self.project, self.spec)

    def read(
        self,
        files: tuple[LandedFile, ...],
        batch: int | None,
        landed_at: datetime,
        notes: Mapping[str, Note],
    ) -> tuple[Staged | None, Mapping[str, Note], list[Outcome]]:
        """Stages and checks the files; those that cannot be parsed, or changed meanwhile, are left out."""
        while True:
            left = tuple(file for file in files if file.path not in notes)
            if not left:
                return None, notes, []
            landed = self._landed(left, batch, landed_at)
            with self.engine.session(self._reads(landed), self.url, table=self.spec.key) as session:
                try:
                    staged = session.stage(session.read(self.spec.key), self.spec.partition_by)
                except OdibiError as error:
                    if isinstance(error, ConfigError):
                        raise
                    # A broken file ends the whole read, under many names: each file is tried alone.
                    found = unreadable(session.unreadable(self.spec.key))
                    found |= verify(self.source.url, left)
                    if not found:
                        raise
                    notes = {**notes, **found}
                    continue
                changed = self.changed(left)
                if changed:
                    discard(staged)
                    notes = {**notes, **changed}
                    continue
                kept, outcomes = self.checked(session, staged)
                return kept, notes, outcomes

    def changed(self, files: tuple[LandedFile, ...]) -> Mapping[str, Note]:
        """Which files are not what was recorded any more, to be asked before the read and after it.

        Nothing where the read itself sees to that: it then fails, and `read` asks what became of each file.
        """
        url = self.source.url
        if self.engine.name == "pandas" and verified_by_reading(url, files):
            return {}  # Spark's readers know nothing of the tags that were recorded.
        return verify(url, files)

    def arrived(self, version: str, files: tuple[LandedFile, ...], **details: int) -> None:
        """Tells Dagster which landed files are in the table, as news of the source; once they are published.

        Args:
            version: the source's data version: equal for equal files.
            files: what was taken.
            details: further numbers.
        """
        key = source_key(self.spec)
        assert key is not None, f"{self.spec.key} has a source"
        numbers = {"files": len(files), "bytes": sum(file.size for file in files), **details}
        self.context.log_event(
            dg.AssetMaterialization(key, metadata=numbers, tags={"dagster/data_version": version})
        )

    def _reads(self, landed: Landed) -> dict[str, TableFiles | Landed]:
        return {self.spec.key: landed, **{name: self.inputs[name].files for name in self.spec.references}}

    def _landed(self, files: tuple[LandedFile, ...], batch: int | None, landed_at: datetime) -> Landed:
        body = self.spec.body
        assert isinstance(body, (LandingBody, ExternalBody)) and body.format != "delta"
        return Landed(
            self.spec.key,
            self.source.url,
            files,
            body.format,
            body.options,
            self._schema(body),
            batch,
            landed_at,
        )

    def no_rows(self, *, batch: bool) -> Staged:
        """A result without rows; its columns are the table's, or what the table's file says of them."""
        body = self.spec.body
        assert isinstance(body, (LandingBody, ExternalBody))
        log = self.log or open_log(self.spec.key, self.url)
        if log:
            return Staged(self.url, (), (), log.schema, log.partition_by)
        own = body.schema or tuple(
            Column(column.name, column.type) for column in self.spec.columns.values() if column.type
        )
        schema = (*own, *(LANDED_WITH_BATCH if batch else LANDED))
        known = {column.name for column in schema}
        unknown = [name for name in (*self.spec.columns, *self.spec.partition_by) if name not in known]
        if unknown or not (own or batch):
            raise DataError(
                "No row has arrived yet, and nothing says which columns the table has.",
                where=self.source.where,
                why=f"the type of {', '.join(unknown)} is not declared" if unknown else "",
                remedy="Mend the files and let them land again, or declare `schema:` in the table's file.",
            )
        return Staged(self.url, (), (), schema, self.spec.partition_by)

    def _schema(self, body: LandingBody | ExternalBody) -> Schema | None:
        """The declared schema, else the table's so far; none while the contract names further columns."""
        if body.schema:
            return body.schema
        log = self.log or open_log(self.spec.key, self.url)
        if log is None:
            return None
        own = tuple(column for column in log.schema if column.name not in LANDED_COLUMNS)
        names = {column.name for column in own}
        if not own:
            return None  # The batches so far brought no rows.
        return own if all(name in names for name in self.spec.columns) else None


def readable(notes: Mapping[str, Note]) -> Outcome:
    keys: list[dict[str, Any]] = [{"file": path, "reason": n.reason} for path, n in list(notes.items())[:5]]
    return Outcome(READABLE, "warn", len(notes), "every landed file can be read", keys=keys)
