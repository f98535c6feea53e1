"""Why a table would run: what is in the lake, what has landed, and how its last run ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from odibi_dagster.cli.partition_state import partition_state
from odibi_dagster.cli.published import Published
from odibi_dagster.project import Project
from odibi_dagster.tables.spec import ExternalBody, LandingBody, TableSpec

if TYPE_CHECKING:
    import dagster as dg

Code = Literal[
    "missing",
    "missing_partitions",
    "stale_partitions",
    "pending_batch",
    "source_changed",
    "source_unknown",
    "code_changed",
    "upstream_newer",
    "upstream_runs",
    "failed_last",
    "foreign_table",
]


@dataclass(frozen=True)
class Reason:
    """One reason to run, for programs and for people."""

    code: Code
    text: str


@dataclass(frozen=True)
class Planned:
    """A table that would run, why, and with which partitions (None: it has none)."""

    table: str
    reasons: tuple[Reason, ...]
    partitions: tuple[str, ...] | None = None


def plan(
    project: Project, tables: Mapping[str, dg.AssetKey], instance: dg.DagsterInstance
) -> tuple[Planned, ...]:
    """The selected tables that have a reason to run, in the order of execution. Nothing is written.

    Args:
        project: the tables and where they are.
        tables: the selected ones, inputs before the tables that read them; names that the project does not
            know are left out: only Dagster knows when they have to run.
        instance: tells how the last runs ended.

    Raises:
        OdibiError: a log, a ledger or a listing cannot be read.
    """
    failed = failed_last(instance, tables)
    found: dict[str, Planned] = {}
    for name in tables:
        spec = project.tables.get(name)
        if spec is None:
            continue
        reasons = list(_own(project, spec))
        partitions: tuple[str, ...] | None = None
        if spec.partitions and Published(project, name).log is not None:
            state = partition_state(project, spec, instance)
            partitions = state.wanted
            reasons = list(_partitions(state.missing, state.stale))
        elif spec.partitions:
            partitions = partition_state(project, spec, instance).keys
        if name in failed:
            reasons.append(Reason("failed_last", f"its last run ({failed[name][:8]}) ended without it"))
        first = [parent for parent in spec.inputs if parent in found]
        if first and not any(reason.code == "missing" for reason in reasons):
            reasons.append(Reason("upstream_runs", f"{', '.join(first)} will run first"))
        if reasons:
            found[name] = Planned(name, tuple(reasons), partitions)
    return tuple(found.values())


def failed_last(instance: dg.DagsterInstance, tables: Mapping[str, dg.AssetKey]) -> dict[str, str]:
    """The tables whose last run ended without having made them, each with that run's id."""
    import dagster as dg

    bad = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    last: dict[str, str] = {}
    for record in instance.get_asset_records(list(tables.values())):
        entry = record.asset_entry
        made = entry.last_materialization_record
        run_id = entry.last_planned_materialization_run_id or entry.last_run_id
        if run_id and not (made and made.run_id == run_id):
            last[".".join(entry.asset_key.path)] = run_id
    if not last:
        return {}
    runs = instance.get_runs(dg.RunsFilter(run_ids=sorted(set(last.values())), statuses=list(bad)))
    ended = {run.run_id for run in runs}
    return {table: run_id for table, run_id in last.items() if run_id in ended}


def _own(project: Project, spec: TableSpec) -> Iterator[Reason]:
    published = Published(project, spec.key)
    if published.log is None:
        yield Reason("missing", "it has never been published")
    if isinstance(spec.body, (LandingBody, ExternalBody)):
        yield from _source(project, spec, published)
    if published.log is None or spec.partitions:
        return
    latest = published.latest
    if latest is None:
        if spec.kind != "append":
            yield Reason("foreign_table", "the log does not say from what it was made")
        return
    arrives = isinstance(spec.body, LandingBody) and spec.kind == "append"
    if latest.code != spec.fingerprint and not arrives:
        # What has arrived once is not read again, so other code changes nothing before the next batch.
        yield Reason("code_changed", "the table's code has changed since it was published")
    for name, seen in latest.inputs.items():
        now = Published(project, name).log if name in spec.inputs else None
        if now is None:
            continue
        if now.table_id != seen.table_id:
            yield Reason("upstream_newer", f"{name} is another table now")
        elif now.data_version > seen.data_version:
            yield Reason(
                "upstream_newer", f"{name} is newer: version {now.version}, it has read {seen.version}"
            )


def _partitions(missing: tuple[str, ...], stale: Mapping[str, str]) -> Iterator[Reason]:
    if missing:
        yield Reason("missing_partitions", f"partitions are missing: {_some(missing)}")
    for why in dict.fromkeys(stale.values()):
        keys = tuple(key for key, reason in stale.items() if reason == why)
        yield Reason("stale_partitions", f"{why}: {_some(keys)}")


def _some(keys: tuple[str, ...]) -> str:
    return ", ".join(keys) if len(keys) <= 3 else f"{keys[0]} to {keys[-1]} ({len(keys)})"


def _source(project: Project, spec: TableSpec, published: Published) -> Iterator[Reason]:
    from odibi_dagster.assets.landing_source import external_source, landing_source
    from odibi_dagster.landing.due import Watched, due
    from odibi_dagster.landing.whole import list_whole

    now = datetime.now(UTC)
    digest = _digest(published)
    if isinstance(spec.body, ExternalBody):
        if published.log is None:
            return
        if spec.body.format == "delta":
            yield from _delta(spec, spec.body, published)
        elif list_whole(external_source(spec, spec.body), now).digest != digest():
            yield Reason("source_changed", "the source's files are not what was published")
        return
    source = landing_source(project, spec)
    done = lambda app: published.log.done(app) if published.log else None  # noqa: E731
    work = due(Watched(source, project.checkpoints, done, digest), now)
    if work is None:
        return
    if spec.kind == "append":
        yield Reason("pending_batch", f"a batch is pending: {work.reason}")
    elif published.log is not None:
        yield Reason("source_changed", f"the source has changed: {work.reason}")


def _delta(spec: TableSpec, body: ExternalBody, published: Published) -> Iterator[Reason]:
    from odibi_dagster.assets.landing_source import source_key
    from odibi_dagster.lake.log import open_log

    key, latest = source_key(spec), published.latest
    seen = latest.inputs.get(".".join(key.path)) if key and latest else None
    now = open_log(spec.key, body.url)
    if seen is None or now is None:
        yield Reason("source_unknown", "nothing says which version of its source was read")
    elif now.table_id != seen.table_id:
        yield Reason("source_changed", "its source is another table now")
    elif now.data_version > seen.data_version:
        yield Reason(
            "source_changed", f"its source is newer: version {now.version}, it has read {seen.version}"
        )


def _digest(published: Published) -> Callable[[], str | None]:
    def digest() -> str | None:
        latest = published.latest
        return None if latest is None else latest.details.get("digest")

    return digest
