"""One run of a table that reads its source whole."""

from __future__ import annotations

from dataclasses import dataclass

from odibi_dagster.assets.checks import Outcome
from odibi_dagster.assets.landing_step import LandingStep, readable
from odibi_dagster.assets.report import READABLE, stop, to_results
from odibi_dagster.assets.step import Events
from odibi_dagster.engines.protocol import Staged, TableFiles
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.landing.whole import whole
from odibi_dagster.tables.spec import ExternalBody


@dataclass
class WholeStep(LandingStep):
    """A step that reads everything that is there."""

    def run(self) -> Events:
        """See `Step.run`."""
        if self.key in self.context.selected_asset_keys:
            yield from self._whole()
        else:
            yield from self._check_published()

    def _whole(self) -> Events:
        body, log = self.spec.body, self.look()
        # Before the source is looked at: whoever publishes after this may have seen more of it.
        self.since = log.version if log else -1
        if isinstance(body, ExternalBody) and body.format == "delta":
            yield from self.make({self.spec.key: self._delta(body.url)}, {}, None)
            return
        found = whole(self.source, self.now)
        notes = self.changed(found.files)
        staged: Staged | None
        if not found.files:
            staged, outcomes = self.no_rows(batch=False), list[Outcome]()
        else:
            staged, notes, outcomes = self.read(found.files, None, self.now, notes)
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
        outcomes = [*outcomes, readable(notes)]
        yield from to_results(self.spec, outcomes)
        if any(outcome.stops for outcome in outcomes):
            discard(staged)
            raise stop(self.spec, outcomes)
        yield self.output(staged, outcomes, {}, None, None, {"digest": found.digest})

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
        """The checks over the published rows; a source that is read whole leaves no file out."""
        wanted = {key.name for key in self.context.selected_asset_check_keys}
        if READABLE in wanted:
            yield from to_results(self.spec, [readable({})])
        if wanted - {READABLE}:
            yield from super()._check_published()
