"""The executor of every run: Dagster's own, after the run has said where it lives and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import dagster as dg

from odibi_dagster.errors import ConfigError
from odibi_dagster.home import default_home
from odibi_dagster.reliability import pins as pinning
from odibi_dagster.reliability.dead_runs import sweep
from odibi_dagster.reliability.event_log import kept_open
from odibi_dagster.reliability.hooks import Hook
from odibi_dagster.reliability.process import process_tags
from odibi_dagster.reliability.tags import WRITES_AS

if TYPE_CHECKING:
    from dagster._core.execution.context.system import PlanOrchestrationContext
    from dagster._core.execution.plan.plan import ExecutionPlan
    from dagster._core.execution.retries import RetryMode
    from dagster._core.execution.step_dependency_config import StepDependencyConfig

Pin = Callable[[frozenset[dg.AssetKey]], Mapping[str, int]]
Before = Callable[[dg.DagsterInstance, dg.DagsterRun], None]

# Dagster's own tags for "re-execute from failure": of the run's steps, and of its assets.
_RESUMES = ("dagster/is_resume_retry", "dagster/is_asset_resume_retry")
# The folder in which Dagster's commands keep a run's history when DAGSTER_HOME is not set.
_THROWN_AWAY = ".tmp_dagster_home_"


def odibi_executor(
    kind: Literal["in_process", "multiprocess"] = "in_process",
    *,
    pin: Pin,
    max_concurrent: int | None = None,
    preload: Sequence[str] = ("odibi_dagster.definitions",),
    before: Before | None = None,
    hooks: Sequence[Hook] = (),
    version_key: str = "version",
) -> dg.ExecutorDefinition:
    """Return the executor for all runs; what it promises holds from the command line, code and the daemon.

    Before a run's first step, in the run's own process: the run's tags say host, process id and start time;
    runs whose process has died are marked as failed; the versions of the tables that the run will read are
    written into its tags, so that every step and every retry reads the same ones (`pins` returns them).
    A re-execution of everything is pinned anew. One that goes on from a failure keeps its parent's pins and
    reads what the parent published, so that it does the same work, under the same identity.
    A run whose history will be thrown away says so.

    `dg.materialize` and `execute_in_process` use their own executor and do nothing of this.

    Args:
        kind: all steps in the run's process, or each in its own process (forked from a server process that
            has imported `preload`: 1.2 s a step instead of 2.2 s).
        pin: called with the keys of the assets that the run will make; returns `{"layer.table": version}`
            for the inputs among the others. What it raises fails the run before any step.
        max_concurrent: steps at once with `multiprocess`; None is the number of cores.
        preload: modules that the server process imports.
        before: called last, with the instance and the run as its tags now are.
        hooks: who is told of runs that are found dead.
        version_key: the key of the materialization metadata that holds the version a run published.

    Raises:
        ConfigError: an unknown `kind`, or a `max_concurrent` below 1 or with `in_process`.
    """
    if kind not in ("in_process", "multiprocess"):
        raise ConfigError(f"Unknown executor {kind!r}.", remedy="Use in_process or multiprocess.")
    if max_concurrent is not None and (kind == "in_process" or max_concurrent < 1):
        raise ConfigError(
            f"max_concurrent: {max_concurrent} does not go with the executor {kind}.",
            why="Steps of an in_process run follow one another." if kind == "in_process" else "",
            remedy="Leave it out, or use the executor multiprocess with a number from 1 up.",
        )
    real = dg.in_process_executor if kind == "in_process" else dg.multiprocess_executor
    create = real.executor_creation_fn
    assert create is not None, "Dagster's own executors can be created"

    def wrapped(context: dg.InitExecutorContext) -> dg.Executor:
        return _Executor(create(context), pin, before, hooks, version_key)

    definition = dg.ExecutorDefinition(
        name=f"odibi_{kind}",
        config_schema=cast(Any, real.config_schema),
        requirements=real.get_requirements,
        executor_creation_fn=wrapped,
        description=real.description,
    )
    if kind == "in_process":
        return definition
    config: dict[str, object] = {"start_method": {"forkserver": {"preload_modules": list(preload)}}}
    if max_concurrent is not None:
        config["max_concurrent"] = max_concurrent
    return definition.configured(config, name=definition.name)


class _Executor(dg.Executor):
    def __init__(
        self, real: dg.Executor, pin: Pin, before: Before | None, hooks: Sequence[Hook], version_key: str
    ) -> None:
        self._real, self._pin, self._before = real, pin, before
        self._hooks, self._version_key = hooks, version_key

    @property
    def retries(self) -> RetryMode:
        return self._real.retries

    @property
    def step_dependency_config(self) -> StepDependencyConfig:
        return self._real.step_dependency_config

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        instance, run_id = plan_context.instance, plan_context.run_id
        run = _run(instance, run_id)
        instance.add_run_tags(run_id, process_tags(run_id))
        _warn_if_thrown_away(plan_context)
        for dead in sweep(instance, self._hooks):
            plan_context.log.warning(f"Run {dead} was found dead and is marked as failed.")
        resumed = (
            run.parent_run_id if run.parent_run_id and _resumes(instance, run, run.parent_run_id) else None
        )
        writes_as = pinning.writes_as(instance, resumed) if resumed else run_id
        instance.add_run_tags(run_id, {WRITES_AS: writes_as})
        versions = {**self._pin(_assets(plan_context, execution_plan)), **self._inherited(instance, resumed)}
        instance.add_run_tags(run_id, pinning.write(versions, inherited=run.tags))
        if self._before is not None:
            self._before(instance, _run(instance, run_id))
        with kept_open(instance, run_id):
            yield from self._real.execute(plan_context, execution_plan)

    def _inherited(self, instance: dg.DagsterInstance, resumed: str | None) -> dict[str, int]:
        if resumed is None:
            return {}
        published = pinning.published_by(instance, resumed, self._version_key)
        return {**pinning.pins(instance, resumed), **published}


def _run(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    run = instance.get_run_by_id(run_id)
    assert run is not None, "Dagster creates the run before it executes it"
    return run


def _resumes(instance: dg.DagsterInstance, run: dg.DagsterRun, parent: str) -> bool:
    """Whether a re-execution goes on from a failure.

    The UI and the daemon say so in a tag; `execute_job` does not: there it is a selection of steps of which
    the parent has finished none.
    """
    if any(run.tags.get(tag) == "true" for tag in _RESUMES):
        return True
    if run.step_keys_to_execute is None:
        return False
    steps = instance.get_run_step_stats(parent, list(run.step_keys_to_execute))
    return not any(step.status is not None and step.status.value == "SUCCESS" for step in steps)


def _assets(plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> frozenset[dg.AssetKey]:
    """The keys of the assets that the plan's steps will make."""
    layer = plan_context.job.get_definition().asset_layer
    keys: set[dg.AssetKey] = set()
    for step_key in execution_plan.step_keys_to_execute:
        handle = execution_plan.get_step_by_key(step_key).node_handle
        entities = layer.get_selected_entity_keys_for_node(handle)
        keys.update(key for key in entities if isinstance(key, dg.AssetKey))
    return frozenset(keys)


def _warn_if_thrown_away(plan_context: PlanOrchestrationContext) -> None:
    instance = plan_context.instance
    if instance.is_ephemeral or Path(instance.root_directory).name.startswith(_THROWN_AWAY):
        plan_context.log.warning(
            "THE HISTORY OF THIS RUN IS THROWN AWAY when the command ends: DAGSTER_HOME is not set. "
            "The tables stay; nobody will see the run, its checks or its lineage, and it cannot be resumed. "
            f"To keep it: export DAGSTER_HOME={default_home()}"
        )
