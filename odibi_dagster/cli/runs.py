"""Everything that one command runs: one Dagster run after the other, and what came of all tables."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from odibi_dagster.cli import execute
from odibi_dagster.cli.code import Code
from odibi_dagster.cli.partition_state import partition_state
from odibi_dagster.cli.parts import Part, descendants, partitions_of, parts, ranges, tags
from odibi_dagster.cli.progress import Progress
from odibi_dagster.cli.result import RunResult, TableResult
from odibi_dagster.project import Project

if TYPE_CHECKING:
    import dagster as dg


@dataclass
class Outcome:
    """What came of a command's runs, by table in the order of execution.

    A table with several runs (of partitions) has its last one here; it is failed if any of them failed.
    """

    run_ids: list[str] = field(default_factory=list)
    tables: dict[str, TableResult] = field(default_factory=dict)
    error: str | None = None
    canceled: bool = False
    started: float = field(default_factory=time.monotonic)

    def add(self, run: RunResult) -> None:
        """Takes in one run that has ended."""
        self.run_ids.append(run.run_id)
        for name, result in run.tables.items():
            before = self.tables.get(name)
            if before is not None and before.status == "failed":
                result.status, result.error = "failed", before.error
            if before is not None and result.added is not None:
                result.added += before.added or 0
            self.tables[name] = result
        self.error, self.canceled = self.error or run.error, self.canceled or run.canceled

    def of(self, status: str) -> list[str]:
        """The tables with that status."""
        return [name for name, table in self.tables.items() if table.status == status]

    @property
    def success(self) -> bool:
        """Whether every table that was asked for has been made."""
        done = len(self.of("succeeded")) + len(self.of("current"))
        return self.error is None and done == len(self.tables)

    @property
    def errors(self) -> dict[str, str]:
        """Why each failed table failed."""
        return {name: self.tables[name].error or "" for name in self.of("failed")}

    def to_json(self) -> dict[str, Any]:
        """The document of `run --json`."""
        succeeded, failed, skipped = (self.of(status) for status in ("succeeded", "failed", "skipped"))
        return {
            "success": self.success,
            "run_ids": self.run_ids,
            "executed": [name for name in self.tables if name in {*succeeded, *failed}],
            "succeeded": succeeded,
            "failed": failed,
            "skipped": skipped,
            "current": self.of("current"),
            "duration_ms": round((time.monotonic() - self.started) * 1000),
            "errors": self.errors,
            "error": self.error,
            "tables": [table.to_json() for table in self.tables.values()],
        }


@dataclass(frozen=True)
class Runner:
    """Runs tables and prints how it goes.

    Args:
        code: the definitions.
        project: the tables of the table files.
        instance: where runs are recorded.
        progress: told of each change.
        tags: of every run.
    """

    code: Code
    project: Project
    instance: dg.DagsterInstance
    progress: Progress
    tags: Mapping[str, str] = field(default_factory=dict)

    def run(self, tables: Iterable[str], named: tuple[str, str] | None = None) -> Outcome:
        """Materializes tables, in as few runs as their partitions allow.

        A table is not run after one that it depends on has failed, in whichever run that was.

        Args:
            tables: names, inputs before the tables that read them.
            named: the first and the last partition to make; None means those that are missing or stale when
                the table's turn comes.
        """
        tables, outcome = list(tables), Outcome()
        for part in parts(self.code, tables):
            bad = [name for name, table in outcome.tables.items() if table.status in ("failed", "skipped")]
            below = descendants(self.code, bad)
            for name in part.tables:
                if name in below:
                    outcome.tables[name] = TableResult(name, "skipped", error="a table it depends on failed")
                    self.progress.print(outcome.tables[name])
            if outcome.canceled:
                break
            ready = tuple(name for name in part.tables if name not in below)
            if ready:
                self._part(Part(ready, part.partitioned), named, outcome)
        return outcome

    def resume(self, parents: Mapping[str, Collection[str] | None]) -> Outcome:
        """Executes again what runs did not finish, one after the other; see `execute.resume`.

        Args:
            parents: runs by id, each with the tables to go on with; None means all that it did not finish.
        """
        outcome = Outcome()
        for run_id, only in parents.items():
            parent = self.instance.get_run_by_id(run_id)
            assert parent is not None, "the caller has looked it up"
            with self.progress.live():
                outcome.add(execute.resume(self.code, self.instance, parent, self.progress.tell, only))
            if outcome.canceled:
                break
        return outcome

    def _part(self, part: Part, named: tuple[str, str] | None, outcome: Outcome) -> None:
        if not part.partitioned:
            self._one(part.tables, {}, outcome)
            return
        (name,) = part.tables
        wanted = [named] if named else self._due(name)
        if not wanted:
            outcome.tables[name] = TableResult(name, "current")
            self.progress.print(outcome.tables[name])
        for first, last in wanted:
            if outcome.canceled:
                return
            self._one((name,), tags(first, last), outcome)

    def _one(self, tables: tuple[str, ...], partition_tags: Mapping[str, str], outcome: Outcome) -> None:
        with self.progress.live():
            outcome.add(
                execute.start(
                    self.code, self.instance, tables, {**self.tags, **partition_tags}, self.progress.tell
                )
            )

    def _due(self, table: str) -> list[tuple[str, str]]:
        """The ranges of partitions that are missing or stale now."""
        definition = partitions_of(self.code, table)
        assert definition is not None, f"{table} has no partitions"
        spec = self.project.tables.get(table)
        keys = definition.get_partition_keys(dynamic_partitions_store=self.instance)
        if spec is not None and spec.partitions is not None:
            return ranges(keys, partition_state(self.project, spec, self.instance).wanted)
        there = self.instance.get_materialized_partitions(self.code.tables[table])
        return ranges(keys, [key for key in keys if key not in there])
