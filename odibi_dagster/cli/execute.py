"""One Dagster run of some tables, in this process, event by event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from odibi_dagster.cli.code import Code, table_name
from odibi_dagster.cli.result import RunResult, TableResult

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.execution.plan.plan import ExecutionPlan
    from dagster_shared.error import SerializableErrorInfo

Tell = Callable[[RunResult, TableResult], None]

#: The run tags by which Dagster knows a re-execution that goes on from a failure.
_RESUMES = {"dagster/is_resume_retry": "true"}


def start(
    code: Code, instance: dg.DagsterInstance, tables: Iterable[str], tags: Mapping[str, str], tell: Tell
) -> RunResult:
    """Materializes tables in one run, with the project's executor.

    Args:
        code: the definitions.
        instance: where the run is recorded.
        tables: names; all of one partitioning, or not partitioned.
        tags: the run's.
        tell: called whenever a table's status has changed.

    Returns:
        What came of it; a failed table is no exception.
    """
    from dagster._core.execution.api import create_execution_plan

    keys = frozenset(code.tables[name] for name in tables)
    job = code.job.get_subset(asset_selection=keys)
    config = _config(code)
    plan = create_execution_plan(job, config, tags=tags)
    run = instance.create_run_for_job(
        job_def=job.get_definition(),
        execution_plan=plan,
        run_config=config,
        tags=tags,
        asset_selection=keys,
        job_code_origin=job.get_python_origin(),
        repository_load_data=code.repository.repository_load_data,
    )
    return _follow(code, instance, run, plan, tell)


def resume(
    code: Code,
    instance: dg.DagsterInstance,
    parent: dg.DagsterRun,
    tell: Tell,
    only: Collection[str] | None = None,
) -> RunResult:
    """Executes again what a run did not finish: what failed, and what was skipped because of it.

    The new run reads what the old one was pinned to and what it published, so that it does the same work
    under the same identity.

    Args:
        code: the definitions.
        instance: where the run is recorded.
        parent: a run that ended without success.
        tell: as in `start`.
        only: leaves the other tables as they are; None goes on with all that are unfinished.

    Raises:
        DagsterError: the definitions do not have the run's tables any more.
    """
    from dagster._core.execution.api import create_execution_plan
    from dagster._core.execution.plan.state import KnownExecutionState

    steps, known = KnownExecutionState.build_resume_retry_reexecution(instance, parent)
    job = code.job.get_subset(asset_selection=parent.asset_selection)
    inherited = {
        key: value for key, value in parent.tags.items() if key.startswith("dagster/asset_partition")
    }
    inherited |= {key: value for key, value in parent.tags.items() if key == "dagster/partition"}
    tags = {**inherited, **_RESUMES}
    if only is not None:
        whole = create_execution_plan(job, parent.run_config, tags=tags)
        steps = [key for key in steps if set(_tables(code, whole, key)) & set(only)]
    plan = create_execution_plan(
        job, parent.run_config, step_keys_to_execute=list(steps), known_state=known, tags=tags
    )
    run = instance.create_run_for_job(
        job_def=job.get_definition(),
        execution_plan=plan,
        run_config=parent.run_config,
        tags=tags,
        asset_selection=parent.asset_selection,
        root_run_id=parent.root_run_id or parent.run_id,
        parent_run_id=parent.run_id,
        job_code_origin=job.get_python_origin(),
        repository_load_data=code.repository.repository_load_data,
    )
    return _follow(code, instance, run, plan, tell)


def _follow(
    code: Code, instance: dg.DagsterInstance, run: dg.DagsterRun, plan: ExecutionPlan, tell: Tell
) -> RunResult:
    from dagster._core.errors import DagsterExecutionInterruptedError
    from dagster._core.execution.api import execute_run_iterator
    from dagster._utils.interrupts import capture_interrupts

    steps = _steps(code, plan)
    made = {name for names in steps.values() for name in names}
    result = RunResult(run.run_id, {n: TableResult(n) for n in code.tables if n in made}, steps)
    for table in result.tables.values():
        table.partitions = _partitions(code, table.table, run.tags)
    events = cast("Generator[dg.DagsterEvent, None, None]", execute_run_iterator(code.job, run, instance))
    # Ctrl-C is raised inside of the step that is at work, or before the next one.
    with capture_interrupts():
        try:
            for event in events:
                if _interrupted(event):
                    break
                for table in result.take(event):
                    tell(result, table)
        except (DagsterExecutionInterruptedError, KeyboardInterrupt):
            pass
        if not result.finished:
            events.close()
            for table in result.take(instance.report_run_canceled(run)):
                tell(result, table)
    return result


def _interrupted(event: dg.DagsterEvent) -> bool:
    """Whether Ctrl-C ended a step. With a retry policy Dagster would try the step again."""
    error: SerializableErrorInfo | None
    if event.is_step_up_for_retry:
        error = event.step_retry_data.error
    elif event.is_step_failure:
        error = event.step_failure_data.error
    else:
        return False
    while error is not None:
        if error.cls_name in ("DagsterExecutionInterruptedError", "KeyboardInterrupt"):
            return True
        error = error.cause
    return False


def _steps(code: Code, plan: ExecutionPlan) -> dict[str, tuple[str, ...]]:
    """The tables that each step of the plan makes."""
    return {key: _tables(code, plan, key) for key in plan.step_keys_to_execute}


def _tables(code: Code, plan: ExecutionPlan, step: str) -> tuple[str, ...]:
    import dagster as dg

    layer = code.job.get_definition().asset_layer
    keys = layer.get_selected_entity_keys_for_node(plan.get_step_by_key(step).node_handle)
    return tuple(table_name(made) for made in keys if isinstance(made, dg.AssetKey))


def _partitions(code: Code, table: str, tags: Mapping[str, str]) -> str | None:
    if code.graph.get(code.tables[table]).partitions_def is None:
        return None
    first, last = (tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
    return tags.get("dagster/partition") or (first if first == last else f"{first}...{last}")


def _config(code: Code) -> dict[str, Any]:
    """Keeps Dagster's own log off the terminal; the event log has it all."""
    if "console" not in code.job.get_definition().loggers:
        return {}
    return {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
