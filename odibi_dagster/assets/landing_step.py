"""One run of a source's table: a batch of landed files, or the whole source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from odibi_dagster.assets.checks import Outcome
from odibi_dagster.assets.report import READABLE, stop, to_results
from odibi_dagster.assets.step import Events, Step, standing
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed, LandedFile, Staged, TableFiles
from odibi_dagster.errors import ConfigError, DataError, OdibiError, Where
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.metadata import ColumnNote
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.lake.write import Identity
from odibi_dagster.landing.batch import Batch
from odibi_dagster.landing.ledger import UNREADABLE, Ledger
from odibi_dagster.landing.note import Note, unreadable
from odibi_dagster.landing.open import open_batch
from odibi_dagster.landing.pending import pending
from odibi_dagster.landing.record import failed, note, park
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verify import verify
from odibi_dagster.landing.whole import whole
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column
from odibi_dagster.tables.spec import ExternalBody, LandingBody

if TYPE_CHECKING:
    from odibi_dagster.project import Project
    from odibi_dagster.sql import Schema
    from odibi_dagster.tables.spec import TableSpec

LANDED = (Column("_file", STRING), Column("_landed_at", TIMESTAMP))
LANDED_WITH_BATCH = (Column("_file", STRING), Column("_batch", BIGINT), Column("_landed_at", TIMESTAMP))
#: A batch whose data fail this often is parked: later batches must not wait for it for ever.
PARK_AFTER = 3


def landing_source(project: Project, spec: TableSpec) -> LandingSource:
    """What landing needs to know of a table whose file says `from: landing`."""
    body = spec.body
    assert isinstance(body, LandingBody)
    return LandingSource(
        table=spec.key,
        url=project.environment.layer_url("landing"),
        path=body.path,
        kind="append" if spec.kind == "append" else "full",
        settle=project.environment.settings.settle if body.settle is None else body.settle,
        max_files=body.max_files,
        max_bytes=body.max_bytes,
        accept_changed=body.accept_changed,
        allow_empty=body.allow_empty,
        allow_partial=body.allow_partial,
        file=str(spec.file),
    )


_LANDED_NOTES = {
    "_file": ColumnNote("The landed file that the row came from."),
    "_batch": ColumnNote("The number of the batch that took the file."),
    "_landed_at": ColumnNote("When the batch was opened; without batches, when the run was created."),
}


@dataclass
class LandingStep(Step):
    """A step whose rows come from landed files."""

    @cached_property
    def notes(self) -> Mapping[str, ColumnNote]:
        """What the contract says of the columns, and what ours are."""
        return {**_LANDED_NOTES, **super().notes}

    def run(self) -> Events:
        """See `Step.run`."""
        if self.key not in self.context.selected_asset_keys:
            yield from self._check_published()
        elif self.spec.kind == "append":
            yield from self._batch()
        else:
            yield from self._whole()

    def _batch(self) -> Events:
        ledger = Ledger.open(self.project.environment.layer_url("checkpoints"), self.spec.key)
        batch = open_batch(self.source, ledger, self._done, self.now)
        if batch is None:
            log = open_log(self.spec.key, self.url)
            if log is None:
                raise DataError(
                    "Nothing has landed, and there is no table yet.",
                    where=self.source.where,
                    why="no file matches",
                    remedy="Put a file there, or correct `path:` in the table's file.",
                )
            self.context.log.info(f"{self.spec.key}: nothing new has landed.")
            yield from self.repeat(standing(log))
            return
        self.context.log.info(f"{self.spec.key}: batch {batch.number}, {len(batch.files)} file(s).")
        try:
            yield from self._take(batch)
        except OdibiError as error:
            if not isinstance(error, DataError):
                raise
            if not self._give_up(batch, error.what):
                raise
            yield from self._empty(batch, error.what)

    def _take(self, batch: Batch) -> Events:
        if batch.parked is not None:
            yield from self._empty(batch, batch.parked)
            return
        notes: Mapping[str, Note] = verify(batch.source.url, batch.files)
        staged, notes, outcomes = self._read(batch.files, batch.number, batch.landed_at, notes)
        batch = note(batch, notes)
        for path, why in batch.notes.items():
            self.context.log.warning(f"{self.spec.key}: {path} is {why.state}: {why.reason}")
        if staged is None:
            yield from self._empty(batch, "no file of the batch can be read")
            return
        outcomes = [*outcomes, _readable({p: n for p, n in batch.notes.items() if n.state == UNREADABLE})]
        if any(outcome.stops for outcome in outcomes):
            failure = stop(self.spec, outcomes)
            discard(staged)
            reason = "; ".join(f"{o.name}: {o.violations} violations" for o in outcomes if o.stops)
            yield from to_results(self.spec, outcomes[:-1])
            if not self._give_up(batch, reason):
                raise failure
            yield from self._empty(batch, reason)
            return
        yield from to_results(self.spec, outcomes)
        yield self.output(staged, outcomes, {}, _identity(batch), None, {"batch": batch.number})

    def _whole(self) -> Events:
        body, log = self.spec.body, open_log(self.spec.key, self.url)
        # Before the source is looked at: whoever publishes after this may have seen more of it.
        self.since = log.version if log else -1
        if isinstance(body, ExternalBody) and body.format == "delta":
            yield from self.make({self.spec.key: self._delta(body.url)}, {}, None)
            return
        found = whole(self.source, self.now)
        notes: Mapping[str, Note] = verify(self.source.url, found.files)
        staged: Staged | None
        if not found.files:
            staged, outcomes = self._no_rows(batch=False), list[Outcome]()
        else:
            staged, notes, outcomes = self._read(found.files, None, self.now, notes)
        if notes and not self.source.allow_partial:
            if staged:
                discard(staged)
            path, first = next(iter(notes.items()))
            raise DataError(
                f"{len(notes)} of {len(found.files)} files cannot be used; the version before stays.",
                where=Where(table=self.spec.key, file=str(self.spec.file), url=f"{self.source.url}/{path}"),
                why=f"{first.state}: {first.reason}",
                remedy="Mend or remove the file, or set `allow_partial: true` to go on without such files.",
            )
        if staged is None:
            raise DataError(
                "No file can be read; the version before stays.",
                where=self.source.where,
                remedy="Mend the files.",
            )
        outcomes = [*outcomes, _readable(notes)]
        yield from to_results(self.spec, outcomes)
        if any(outcome.stops for outcome in outcomes):
            discard(staged)
            raise stop(self.spec, outcomes)
        yield self.output(staged, outcomes, {}, None, None, {"digest": found.digest})

    @property
    def source(self) -> LandingSource:
        """Where the files are."""
        body = self.spec.body
        if isinstance(body, ExternalBody):
            return external_source(self.spec, body)
        return landing_source(self.project, self.spec)

    def _done(self, app: str) -> int | None:
        log = open_log(self.spec.key, self.url)
        return log.done(app) if log else None

    def _read(
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
                changed = verify(self.source.url, left)
                if changed:
                    discard(staged)
                    notes = {**notes, **changed}
                    continue
                kept, outcomes = self.checked(session, staged)
                return kept, notes, outcomes

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

    def _no_rows(self, *, batch: bool) -> Staged:
        """A result without rows; its columns are the table's, or what the table's file says of them."""
        body = self.spec.body
        assert isinstance(body, (LandingBody, ExternalBody))
        log = open_log(self.spec.key, self.url)
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
        log = open_log(self.spec.key, self.url)
        if log is None:
            return None
        own = tuple(column for column in log.schema if column.name not in LANDED_COLUMNS)
        names = {column.name for column in own}
        if not own:
            return None  # The batches so far brought no rows.
        return own if all(name in names for name in self.spec.columns) else None

    def _delta(self, url: str) -> TableFiles:
        log = open_log(self.spec.key, url)
        if log is None:
            raise DataError(
                "There is no Delta table at the source's URL.",
                where=Where(table=self.spec.key, file=str(self.spec.file), url=url),
                remedy="Correct `url:`.",
            )
        return log.pinned()

    def _check_published(self) -> Events:
        """The checks over the published rows, and over what batches went on without."""
        wanted = {key.name for key in self.context.selected_asset_check_keys}
        if READABLE in wanted and isinstance(self.spec.body, LandingBody) and self.spec.kind == "append":
            ledger = Ledger.open(self.project.environment.layer_url("checkpoints"), self.spec.key)
            left_out = pending(self.source, ledger, self._done, self.now).left_out
            yield from to_results(
                self.spec,
                [_readable({f.path: Note(f.state, f.reason) for f in left_out if f.state == UNREADABLE})],
            )
        elif READABLE in wanted:
            yield from to_results(self.spec, [_readable({})])
        if wanted - {READABLE}:
            yield from super()._check_published()

    def _give_up(self, batch: Batch, reason: str) -> bool:
        """Counts a failed attempt; parks the batch after the last one."""
        counted = failed(batch, reason.splitlines()[0])
        if counted.failures < PARK_AFTER:
            self.context.log.warning(
                f"{self.spec.key}: batch {batch.number} failed {counted.failures} of {PARK_AFTER} times; "
                "then it is parked."
            )
            return False
        park(batch, reason.splitlines()[0])
        return True

    def _empty(self, batch: Batch, reason: str) -> Events:
        """The commit of a batch that brings no rows; loudly."""
        empty = self._no_rows(batch=True) if open_log(self.spec.key, self.url) is None else None
        self.context.log.error(
            f"{self.spec.key}: BATCH {batch.number} BRINGS NO ROWS to the table: {reason}. "
            "Its files stay in landing, see `odibi-dagster landing`; the next run takes the next batch."
        )
        outcome = Outcome(READABLE, "warn", 1, f"batch {batch.number} brought no rows", note=reason)
        yield from to_results(self.spec, [outcome])
        yield self.output(
            empty, [outcome], {}, _identity(batch), None, {"batch": batch.number, "parked": reason}
        )


def external_source(spec: TableSpec, body: ExternalBody) -> LandingSource:
    """The files of a source that is read whole: the folder before the URL's first wildcard, and the glob."""
    folders = body.url.split("/")
    literal = next((i for i, part in enumerate(folders) if set(part) & set("*?[{")), len(folders) - 1)
    root, path = "/".join(folders[:literal]) or "/", "/".join(folders[literal:])
    return LandingSource(table=spec.key, url=root, path=path, kind="full", file=str(spec.file))


def _identity(batch: Batch) -> Identity:
    app = batch.ledger.app()
    beside = {name: number for name, number in batch.transactions.items() if name != app}
    return Identity(app, batch.number, batch.number - 1, beside)


def _readable(notes: Mapping[str, Note]) -> Outcome:
    keys: list[dict[str, Any]] = [{"file": path, "reason": n.reason} for path, n in list(notes.items())[:5]]
    return Outcome(READABLE, "warn", len(notes), "every landed file can be read", keys=keys)
