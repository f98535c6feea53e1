"""One run of a table that takes landed files in batches, each exactly once."""

from __future__ import annotations

from dataclasses import dataclass

from odibi_dagster.assets.brought import brought
from odibi_dagster.assets.checks import Outcome
from odibi_dagster.assets.landing_step import LandingStep, readable
from odibi_dagster.assets.report import READABLE, stop, to_results
from odibi_dagster.assets.step import Events, standing
from odibi_dagster.errors import DataError
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.lake.write import Identity
from odibi_dagster.landing.batch import Batch
from odibi_dagster.landing.events import UNREADABLE
from odibi_dagster.landing.late import Brought, Committed
from odibi_dagster.landing.ledger import LEDGER_APP, Ledger
from odibi_dagster.landing.note import Note
from odibi_dagster.landing.open import open_batch
from odibi_dagster.landing.pending import pending
from odibi_dagster.landing.record import failed, note, park

#: A batch whose data fail this often is parked: later batches must not wait for it for ever.
PARK_AFTER = 3


@dataclass
class BatchStep(LandingStep):
    """A step that takes the batch that is due."""

    def run(self) -> Events:
        """See `Step.run`."""
        if self.key in self.context.selected_asset_keys:
            yield from self._batch()
        else:
            yield from self._check_published()

    def _batch(self) -> Events:
        ledger = Ledger.at(self.project.checkpoints, self.spec.key)
        batch = open_batch(self.source, ledger, self._done, self.now, self._committed(ledger))
        if batch is None:
            log = self.log or self.look()
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
        except DataError as error:
            if not self._give_up(batch, error.what):
                raise
            yield from self._empty(batch, error.what)

    def _take(self, batch: Batch) -> Events:
        if batch.parked is not None:
            yield from self._empty(batch, batch.parked)
            return
        notes = self.changed(batch.files)
        staged, notes, outcomes = self.read(batch.files, batch.number, batch.landed_at, notes)
        batch = note(batch, notes)
        for path, why in batch.notes.items():
            self.context.log.warning(f"{self.spec.key}: {path} is {why.state}: {why.reason}")
        if staged is None:
            yield from self._empty(batch, "no file of the batch can be read")
            return
        outcomes = [*outcomes, readable({p: n for p, n in batch.notes.items() if n.state == UNREADABLE})]
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
        details = {"batch": batch.number, "left_out": sorted(batch.notes)}
        yield self.output(staged, outcomes, {}, _identity(batch), None, details)
        # Dagster goes on here after the publish.
        self.arrived(f"{batch.ledger.id}@{batch.number}", batch.files, batch=batch.number)

    def _committed(self, ledger: Ledger) -> Committed:
        """What the table's commits say; asked once the table was looked at."""

        def committed(number: int) -> Brought | None:
            log = self.log or self.look()
            return brought(log, ledger.app(), number) if log else None

        return committed

    def _done(self, app: str) -> int | None:
        # `position` asks which ledger it is, and then how far that is: both are of one version.
        log = self.look() if app == LEDGER_APP or self.log is None else self.log
        return log.done(app) if log else None

    def _check_published(self) -> Events:
        """The checks over the published rows, and over what batches went on without."""
        wanted = {key.name for key in self.context.selected_asset_check_keys}
        if READABLE in wanted:
            ledger = Ledger.at(self.project.checkpoints, self.spec.key)
            found = pending(self.source, ledger, self._done, self.now, committed=self._committed(ledger))
            left_out = found.left_out
            yield from to_results(
                self.spec,
                [readable({f.path: Note(f.state, f.reason) for f in left_out if f.state == UNREADABLE})],
            )
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
        empty = self.no_rows(batch=True) if open_log(self.spec.key, self.url) is None else None
        self.context.log.error(
            f"{self.spec.key}: BATCH {batch.number} BRINGS NO ROWS to the table: {reason}. "
            "Its files stay in landing, see `odibi-dagster landing`; the next run takes the next batch."
        )
        outcome = Outcome(READABLE, "warn", 1, f"batch {batch.number} brought no rows", note=reason)
        yield from to_results(self.spec, [outcome])
        yield self.output(
            empty,
            [outcome],
            {},
            _identity(batch),
            None,
            {"batch": batch.number, "parked": reason, "left_out": []},
        )


def _identity(batch: Batch) -> Identity:
    app = batch.ledger.app()
    beside = {name: number for name, number in batch.transactions.items() if name != app}
    return Identity(app, batch.number, batch.number - 1, beside)
