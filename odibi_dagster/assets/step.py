"""One run of one table: recognize, read, compute, stage, check, hand over for publishing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import dagster as dg

from odibi_dagster.assets import compute
from odibi_dagster.assets.asset import OUTPUT
from odibi_dagster.assets.checks import Checks, Outcome
from odibi_dagster.assets.engine import engine_key
from odibi_dagster.assets.partition_keys import PartitionKeys, partition_keys
from odibi_dagster.assets.report import from_details, stop, to_details, to_results
from odibi_dagster.engines.protocol import Engine, Landed, Session, Staged, TableFiles
from odibi_dagster.lake.input import Input
from odibi_dagster.lake.io_manager import Publication
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.metadata import ColumnNote
from odibi_dagster.lake.recognize import Published, find
from odibi_dagster.lake.record import InputVersion, Record, records
from odibi_dagster.lake.staged_files import discard
from odibi_dagster.lake.write import Identity, Write, append_identity
from odibi_dagster.project import Project
from odibi_dagster.reliability.pins import writes_as
from odibi_dagster.tables.spec import TableSpec

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Relation

Events = Iterator[dg.AssetCheckResult | dg.Output[Publication]]


@dataclass
class Step:
    """One attempt to make one table.

    Args:
        context: Dagster's.
        project: where tables lie.
        spec: the table.
        inputs: the tables it reads, pinned, by key.
    """

    context: dg.AssetExecutionContext
    project: Project
    spec: TableSpec
    inputs: Mapping[str, Input]
    started: float = field(default_factory=time.monotonic)
    since: int | None = field(default=None, init=False)
    log: Log | None = field(default=None, init=False)
    """The table as it was when the step looked last."""

    @property
    def key(self) -> dg.AssetKey:
        """Dagster's key of the table."""
        return dg.AssetKey([self.spec.layer, self.spec.name])

    @property
    def url(self) -> str:
        """The table's URL."""
        return self.project.url(self.spec.key)

    @property
    def engine(self) -> Engine:
        """The table's engine."""
        engine: Engine = getattr(self.context.resources, engine_key(self.spec, self.project))
        return engine

    @cached_property
    def now(self) -> datetime:
        """One instant for all attempts of this run: when Dagster created the run."""
        record = self.context.instance.get_run_record_by_id(self.context.run_id)
        return record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)

    @cached_property
    def keys(self) -> PartitionKeys | None:
        """The run's partitions."""
        asked = (
            self.context.partition_keys
            if self.context.has_partition_key_range or self.context.has_partition_key
            else ()
        )
        return partition_keys(self.spec.partitions, asked)

    @cached_property
    def notes(self) -> Mapping[str, ColumnNote]:
        """What the contract says of the columns."""
        return {
            name: ColumnNote(column.description, column.tags) for name, column in self.spec.columns.items()
        }

    def run(self) -> Events:
        """The events of the step: all check results first, then the output.

        Raises:
            dagster.Failure: an expectation with `on_fail: fail` is broken; nothing is published.
            OdibiError: anything else that went wrong; nothing was published.
        """
        if self.key not in self.context.selected_asset_keys:
            yield from self._check_published()
            return
        self._open()
        pinned = self._fresh_enough()
        reads = {name: pinned[name].files for name in self.spec.reads}
        seen = {name: pinned[name].read_as for name in self.spec.inputs}
        identity = self._identity(seen)
        done = self._recognized(identity)
        if done:
            yield from self.repeat(done)
            return
        yield from self.make(reads, seen, identity)

    def make(
        self,
        reads: Mapping[str, TableFiles | Landed],
        seen: Mapping[str, InputVersion],
        identity: Identity | None,
    ) -> Events:
        """Computes, stages, checks, and hands over what is to be published."""
        with self.engine.session(reads, self.url, table=self.spec.key) as session:
            staged, relation = compute.stage(session, self.spec, self.context, now=self.now, keys=self.keys)
            kept, outcomes = self.checked(session, staged)
        yield from to_results(self.spec, outcomes)
        if any(outcome.stops for outcome in outcomes):
            discard(kept)
            raise stop(self.spec, outcomes)
        yield self.output(kept, outcomes, seen, identity, _lineage(relation))

    def checked(self, session: Session, staged: Staged) -> tuple[Staged, list[Outcome]]:
        """Holds the expectations against what was staged; what is to be published goes where the table is.

        An error gives back the room that it took.
        """
        try:
            kept, outcomes = Checks(session, self.spec, datetime.now(UTC)).staged(staged)
            if not any(outcome.stops for outcome in outcomes):
                session.upload(kept)
            return kept, outcomes
        except Exception:
            discard(staged)
            raise

    def output(
        self,
        staged: Staged | None,
        outcomes: list[Outcome],
        seen: Mapping[str, InputVersion],
        identity: Identity | None,
        lineage: Mapping[str, Any] | None,
        details: Mapping[str, Any] | None = None,
    ) -> dg.Output[Publication]:
        """The step's output: what to publish, and what the commit says of itself."""
        attempt = staged.folders[0] if staged and staged.folders else f"attempt-{uuid.uuid4()}"
        write = Write(
            table=self.spec.key,
            url=self.url,
            kind=self.spec.kind,
            staged=staged,
            attempt=attempt,
            identity=identity,
            inputs=seen,
            since=self.since,
            log=self.log,
            range=self.keys.range if self.keys else None,
            declared={name: column.type for name, column in self.spec.columns.items()},
            description=self.spec.description,
            run=self.context.run_id,
            code=self.spec.fingerprint,
            details={
                "checks": to_details(outcomes),
                "lineage": lineage,
                # The first and the last partition that were asked for, for those that turn out empty.
                "partitions": [self.keys.keys[0], self.keys.keys[-1]] if self.keys else None,
                **(details or {}),
            },
        )
        return self._output(
            Publication(self.spec.key, self.url, write, None, self.notes, lineage, self.seconds)
        )

    def repeat(self, done: Published) -> Events:
        """Reports an earlier publish again; nothing is computed and nothing committed."""
        yield from to_results(self.spec, from_details(done.record.details.get("checks", ()), self.spec))
        lineage = done.record.details.get("lineage")
        yield self._output(
            Publication(self.spec.key, self.url, None, done, self.notes, lineage, self.seconds)
        )

    @property
    def seconds(self) -> float:
        """How long the step has taken."""
        return time.monotonic() - self.started

    def _output(self, publication: Publication) -> dg.Output[Publication]:
        return dg.Output(publication, OUTPUT)

    def _identity(self, seen: Mapping[str, InputVersion]) -> Identity | None:
        if self.spec.kind != "append":
            return None
        if not self.spec.inputs:
            # A source function has no input versions: a run is one write, and so are its retries and resumes.
            run = writes_as(self.context.instance, self.context.run_id)
            return append_identity(self.spec.key, run, {}, self._partitions())
        return append_identity(self.spec.key, self.spec.fingerprint, seen, self._partitions())

    def _partitions(self) -> str:
        return ",".join(self.keys.keys) if self.keys else ""

    def _recognized(self, identity: Identity | None) -> Published | None:
        if identity is None or self.log is None:
            return None
        return find(Write(self.spec.key, self.url, self.spec.kind, None, "", identity), self.log)

    def look(self) -> Log | None:
        """The table's log at its newest version, and the entry by which a publish knows it again."""
        self.log = open_log(self.spec.key, self.url)
        if self.log:
            self.log.entries.get(self.log.version)
        return self.log

    def _open(self) -> None:
        """Opens the table and whatever it reads, all at once: on a store each takes several requests."""
        reads: list[Callable[[], object]] = [
            partial(getattr, given, "read_as" if name in self.spec.inputs else "log")
            for name, given in self.inputs.items()
        ]
        with ThreadPoolExecutor(max_workers=16) as pool:
            opened = [pool.submit(read) for read in [self.look, *reads]]
            for each in opened:
                each.result()

    def _fresh_enough(self) -> Mapping[str, Input]:
        """The pinned inputs; newest ones where the table already holds newer ones' rows.

        A `full` or `partition` publish must not replace rows of newer inputs by rows of older ones.
        """
        if self.spec.kind == "append" or not self.spec.inputs:
            return self.inputs
        latest = next((r for _, r in records(self.log, 20) if r.inputs), None) if self.log else None
        if latest is None or not self._overtaken(latest):
            return self.inputs
        self.context.log.info(
            f"{self.spec.key} holds newer inputs than this run was pinned to: the newest are read."
        )
        return {name: Input(name, given.url) for name, given in self.inputs.items()}

    def _overtaken(self, latest: Record) -> bool:
        for name, seen in latest.inputs.items():
            if name in self.inputs:
                mine = self.inputs[name].read_as
                if mine.table_id == seen.table_id and mine.data_version < seen.data_version:
                    return True
        return False

    def _check_published(self) -> Events:
        """Runs the selected checks over the published version; nothing is written."""
        names = frozenset(key.name for key in self.context.selected_asset_check_keys)
        published = Input(self.spec.key, self.url)
        reads = {
            self.spec.key: published.files,
            **{name: self.inputs[name].files for name in self.spec.references},
        }
        with self.engine.session(reads, self.url, table=self.spec.key) as session:
            relation = session.read(self.spec.key)
            checks = Checks(session, self.spec, datetime.now(UTC), names)
            outcomes = checks.published(relation, published.log.rows)
        yield from to_results(self.spec, outcomes)


def standing(log: Log) -> Published:
    """What the table's newest version is and says of itself, for a run that found nothing to do."""
    latest = next((record for _, record in records(log, 100)), Record(log.name, "", ""))
    return Published(log, latest, repeated=True)


def _lineage(relation: Relation) -> Mapping[str, Any] | None:
    lineage = relation.lineage
    return (
        None if lineage is None else {column: [list(dep) for dep in deps] for column, deps in lineage.items()}
    )
