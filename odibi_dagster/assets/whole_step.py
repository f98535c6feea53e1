"""One run of a table that reads its source whole."""

from __future__ import annotations

from dataclasses import dataclass

from odibi_dagster.assets.checks import Outcome
from odibi_dagster.assets.landing_source import source_key
from odibi_dagster.assets.landing_step import LandingStep, readable
from odibi_dagster.assets.report import READABLE, stop, to_results
from odibi_dagster.assets.step import Events
from odibi_dagster.engines.protocol import Staged
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.input import Input
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.record import records
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.landing.whole import whole
from odibi_dagster.reliability.pins import pins
from odibi_dagster.tables.spec import ExternalBody, LandingBody


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
            source = self._delta(body.url)
            yield from self.make({self.spec.key: source.files}, {source.name: source.read_as}, None)
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
        # Dagster goes on here after the publish.
        if isinstance(body, LandingBody):
            taken = tuple(file for file in found.files if file.path not in notes)
            self.arrived(found.digest, taken)

    def _delta(self, url: str) -> Input:
        """Somebody else's table at the version this run is pinned to, or newer where the table holds newer.

        Retries read the same version; a publish never replaces rows of a newer one by rows of an older.
        """
        key = source_key(self.spec)
        assert key is not None, f"{self.spec.key} has a source"
        name = ".".join(key.path)
        pinned = pins(self.context.instance, self.context.run_id).get(name)
        found = _delta_input(name, self.spec.key, url, pinned)
        if found is not None and pinned is not None and self._holds_newer(found):
            found = _delta_input(name, self.spec.key, url, None)
        if found is None:
            raise DataError(
                "There is no Delta table at the source's URL.",
                where=Where(table=self.spec.key, file=str(self.spec.file), url=url),
                remedy="Correct `url:`.",
            )
        return found

    def _holds_newer(self, found: Input) -> bool:
        latest = next((r for _, r in records(self.log, 20) if r.inputs), None) if self.log else None
        seen = latest.inputs.get(found.name) if latest else None
        mine = found.read_as
        return bool(seen and seen.table_id == mine.table_id and seen.data_version > mine.data_version)

    def _check_published(self) -> Events:
        """The checks over the published rows; a source that is read whole leaves no file out."""
        wanted = {key.name for key in self.context.selected_asset_check_keys}
        if READABLE in wanted:
            yield from to_results(self.spec, [readable({})])
        if wanted - {READABLE}:
            yield from super()._check_published()


def _delta_input(name: str, table: str, url: str, version: int | None) -> Input | None:
    log: Log | None = open_log(table, url, version)
    if log is None:
        return None
    given = Input(name, url, log.version)
    vars(given)["log"] = log
    return given
