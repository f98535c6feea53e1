"""A table becomes a Dagster asset: one output that is not required, and its checks."""

# No `from __future__ import annotations` here: Dagster looks at the annotation of `context` itself.

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from odibi_dagster.assets.automation import condition
from odibi_dagster.assets.engine import engine_key, engine_name
from odibi_dagster.assets.landing_source import source_key
from odibi_dagster.assets.partition_keys import definition
from odibi_dagster.assets.report import READABLE
from odibi_dagster.project import Project
from odibi_dagster.reliability.hooks import Hook
from odibi_dagster.reliability.retry import guard, retry_policy
from odibi_dagster.reliability.tell import failure_hook
from odibi_dagster.tables.spec import ExternalBody, FunctionBody, LandingBody, Retry, TableSpec

#: The key of the IO manager.
LAKE = "lake"
#: The one output of the step, as Dagster calls it.
OUTPUT = "table"

#: What a person reads beside a check, before it has ever run.
_CONSEQUENCE = {
    "fail": "A violation stops the publish: readers keep the version before",
    "drop": "Rows that break it are left out of the table",
    "warn": "Violations are counted, and published all the same",
}


def asset_key(key: str) -> dg.AssetKey:
    """ "silver.orders" as Dagster's key."""
    return dg.AssetKey(key.split("."))


def build_asset(spec: TableSpec, project: Project, hooks: Sequence[Hook] = ()) -> dg.AssetsDefinition:
    """The asset of one table.

    Materializing it publishes once; its checks can be selected alone and then run over the published version.

    Args:
        spec: the table.
        project: the environment and the other tables.
        hooks: who is told when the step fails.
    """
    key = asset_key(spec.key)
    retry = spec.retry or project.environment.settings.retry.retry()
    function = spec.body if isinstance(spec.body, FunctionBody) else None
    source = source_key(spec)
    resources = {p.resource for p in function.parameters if p.resource} if function else set()

    @dg.multi_asset(
        name=f"{spec.layer}__{spec.name}",
        outs={
            OUTPUT: dg.AssetOut(
                key=key,
                is_required=False,
                io_manager_key=LAKE,
                description=spec.description or None,
                metadata=_metadata(spec, project),
                group_name=spec.layer,
                code_version=spec.fingerprint,
                automation_condition=_condition(spec, project),
                owners=list(spec.owners) or None,
                tags=dict(spec.tags),
                kinds=_kinds(spec, project),
                freshness_policy=_freshness(spec),
            )
        },
        ins={
            name.replace(".", "__"): dg.AssetIn(key=asset_key(name), input_manager_key=LAKE)
            for name in spec.reads
        },
        deps=[source] if source else None,
        check_specs=[dg.AssetCheckSpec(check, asset=key, description=text) for check, text in _checks(spec)],
        partitions_def=definition(spec.partitions) if spec.partitions else None,
        backfill_policy=dg.BackfillPolicy.single_run() if spec.partitions else None,
        retry_policy=_retry_policy(retry),
        pool=spec.key.replace(".", "_"),
        can_subset=True,
        required_resource_keys={engine_key(spec, project), *resources},
        hooks={failure_hook(spec.key, hooks)} if hooks else None,
    )
    def table(context: dg.AssetExecutionContext, **inputs: Any) -> Iterator[Any]:
        from odibi_dagster.assets.batch_step import BatchStep
        from odibi_dagster.assets.step import Step
        from odibi_dagster.assets.whole_step import WholeStep

        step = Step
        if isinstance(spec.body, (LandingBody, ExternalBody)):
            step = BatchStep if spec.kind == "append" else WholeStep
        with guard(spec.key, str(spec.file)):
            if key in context.selected_asset_keys:
                project.refuse_unsafe_stores(spec.key)
            given = {name.replace("__", ".", 1): value for name, value in inputs.items()}
            yield from step(context, project, spec, given).run()

    return table


def source_asset(spec: TableSpec, project: Project) -> dg.AssetSpec | None:
    """The external asset of a source, so that the lineage begins where the bytes come from."""
    key = source_key(spec)
    if key is None:
        return None
    body = spec.body
    if isinstance(body, LandingBody):
        uri = f"{project.environment.layer_url('landing')}/{body.path}"
        what = "Files that land here; " + (
            f"{spec.key} takes each of them once."
            if spec.kind == "append"
            else f"{spec.key} is made of all of them."
        )
    else:
        assert isinstance(body, ExternalBody)
        uri, what = body.url, "Files that somebody else keeps; they are read whole on each run."
    return dg.AssetSpec(
        key,
        description=what,
        group_name=key.path[0],
        kinds={body.format},
        metadata={"dagster/uri": uri},
    )


def _checks(spec: TableSpec) -> Iterator[tuple[str, str]]:
    for expectation in spec.expect:
        yield expectation.name, f"{_CONSEQUENCE[expectation.on_fail]} (on_fail: {expectation.on_fail})."
    if isinstance(spec.body, (LandingBody, ExternalBody)):
        yield READABLE, "Every landed file can be read; one that cannot is left out and listed here."


def _metadata(spec: TableSpec, project: Project) -> dict[str, Any]:
    declared = [
        dg.TableColumn(
            name, str(column.type) if column.type else "", column.description or None, tags=column.tags
        )
        for name, column in spec.columns.items()
    ]
    values: dict[str, Any] = {
        "kind": spec.kind,
        "file": str(spec.file),
        "dagster/uri": project.url(spec.key),
        "dagster/table_name": spec.key,
    }
    if declared:
        values["dagster/column_schema"] = dg.TableSchema(declared)
    if spec.partition_by:
        values["partition_by"] = ", ".join(spec.partition_by)
    return values


def _kinds(spec: TableSpec, project: Project) -> set[str]:
    body = spec.body
    how = (
        body.format
        if isinstance(body, (LandingBody, ExternalBody))
        else "python"
        if isinstance(body, FunctionBody)
        else "sql"
    )
    engine = engine_name(spec, project)
    return {how, "delta", "duckdb" if engine == "pandas" else engine}


def _condition(spec: TableSpec, project: Project) -> dg.AutomationCondition[Any] | None:
    partitioned = [asset_key(key) for key in spec.reads if project.tables[key].partitions]
    return condition(
        spec.automation.kind,
        spec.automation.cron,
        ancestors=[asset_key(key) for key in sorted(project.graph.ancestors(spec.key))],
        partitioned_parents=partitioned,
        landed=[key for key in (source_key(spec),) if key and isinstance(spec.body, LandingBody)],
    )


def _freshness(spec: TableSpec) -> dg.FreshnessPolicy | None:
    if spec.freshness is None:
        return None
    if spec.freshness.cron:
        return dg.FreshnessPolicy.cron(
            deadline_cron=spec.freshness.cron, lower_bound_delta=spec.freshness.within, timezone="UTC"
        )
    return dg.FreshnessPolicy.time_window(fail_window=spec.freshness.within)


def _retry_policy(retry: Retry) -> dg.RetryPolicy | None:
    return retry_policy(retry.max_retries, retry.delay, retry.backoff, retry.jitter)
