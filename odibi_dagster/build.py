"""Turns a project into Dagster definitions; public, so that other projects can merge them with their own."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from odibi_dagster.assets.asset import LAKE, build_asset, source_asset
from odibi_dagster.assets.engine import ENGINE, engine_name, own_key
from odibi_dagster.assets.pin import pin
from odibi_dagster.lake.io_manager import LakeIOManager
from odibi_dagster.lake.log import open_log
from odibi_dagster.lake.metadata import VERSION
from odibi_dagster.lake.record import records
from odibi_dagster.project import SECRETS, SPARK, Project, load_project
from odibi_dagster.reliability.event_log import keep_open_while_planning
from odibi_dagster.reliability.executor import odibi_executor
from odibi_dagster.reliability.hooks import Hook
from odibi_dagster.reliability.redact import guard_process
from odibi_dagster.resources import cloud_resources
from odibi_dagster.storage.secrets import Secrets, show
from odibi_dagster.tables.spec import LandingBody, TableSpec

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Engine
    from odibi_dagster.landing.due import Watched


def build_defs(
    project: Project | None = None, resources: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Assets, checks, sensors and resources of a project; connects to nothing.

    To add them to a project of your own: `dg.Definitions.merge(build_defs(), my_definitions)`.

    Args:
        project: None loads the one that ODIBI_ENV and ODIBI_TABLES name.
        resources: further resources by key, for table functions that ask for them. `secrets`, the
            environment's secrets by name, is there already, and so are `adls2`, `azure_blob_storage`, `s3`
            and `secretsmanager`, where its `stores:` names the provider, and `spark`, where it names Spark;
            one of these keys replaces ours.

    Raises:
        ConfigErrors: everything that is wrong with the environment and the table files.
    """
    guard_process()
    keep_open_while_planning()
    with _nothing_collected():
        project = project or load_project(resources=(resources or {}).keys())
        show([*project.tables, *map(project.url, project.tables)])
        engines = build_engines(project)
        hooks = build_hooks(project)
        tables = list(project.tables.values())
        return dg.Definitions(
            assets=[
                *(build_asset(spec, project, hooks) for spec in tables),
                *(source for spec in tables if (source := source_asset(spec, project))),
            ],
            resources={
                SECRETS: Secrets(project.environment.secrets),
                **cloud_resources(project.environment),
                **(resources or {}),
                **build_spark(project, engines),
                **engines,
                LAKE: LakeIOManager(project.url, lambda: engines[ENGINE], project.checkpoints),
            },
            sensors=list(build_sensors(project, hooks)),
            executor=build_executor(project, hooks),
        )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Garbage collection waits: nearly all that loading makes stays (300 tables: 1.3 s against 1.7 s).

    And it stays for good: what is there after the process's first load is not looked at again, at its end
    either (that took a run of the shipped tables 0.9 s), nor copied into forked step processes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        # DuckDB's binding complains at exit of whatever of its own was not collected.
        if not gc.get_freeze_count() and "duckdb" not in sys.modules:
            gc.freeze()


def build_engines(project: Project) -> dict[str, Engine]:
    """The engines that tables use, by resource key: the environment's, and those that tables name."""
    own = project.environment.settings.engine.name
    names = dict.fromkeys((own, *(engine_name(spec, project) for spec in project.tables.values())))
    return {own_key(name, project): build_engine(project, name) for name in names}


def build_engine(project: Project, name: str | None = None) -> Engine:
    """An engine with its share of the machine.

    Args:
        project: the environment and its tables.
        name: None is the environment's.
    """
    settings = project.environment.settings
    options, executor, cache = settings.engine, settings.executor, settings.cache
    if (name or options.name) == "spark":
        from odibi_dagster.engines.spark.engine import SparkEngine
        from odibi_dagster.spark.resource import spark_resource

        spark = spark_resource(project.environment.spark())
        local = build_engine(project, "pandas")
        return SparkEngine(spark=spark, local=local, pandas_rows=options.pandas_rows, keep=project.kept)
    from odibi_dagster.engines.pandas.engine import PandasEngine
    from odibi_dagster.environment.sections import CacheSection
    from odibi_dagster.storage.cache.folder import count, default_folder

    at_once = 1 if executor.kind == "in_process" else executor.max_concurrent or os.cpu_count() or 1
    return PandasEngine(
        memory_limit=options.memory_limit,
        threads=options.threads,
        spill=options.spill,
        spill_limit=options.spill_limit,
        concurrent_steps=at_once,
        cache=(cache.folder or default_folder()) if cache else None,
        cache_size=count((cache or CacheSection()).size),
        cache_age=(cache or CacheSection()).age.total_seconds(),
    )


def build_spark(project: Project, engines: Mapping[str, Engine]) -> dict[str, object]:
    """The Spark session for functions that ask for it: the engine's, where there is one."""
    if not project.environment.has_spark:
        return {}
    for engine in engines.values():
        if engine.name == "spark":
            return {SPARK: getattr(engine, "spark")}  # noqa: B009 - no part of what engines have in common
    from odibi_dagster.spark.resource import spark_resource

    return {SPARK: spark_resource(project.environment.spark())}


def build_hooks(project: Project) -> tuple[Hook, ...]:
    """The environment's failure hooks, those to be called first in front."""
    from odibi_dagster.reliability.hooks import parse_hooks

    return parse_hooks([hook.model_dump() for hook in project.environment.settings.hooks])


def build_executor(project: Project, hooks: tuple[Hook, ...] = ()) -> dg.ExecutorDefinition:
    """The executor of all runs: it pins the versions of what a run reads and does not make."""
    settings = project.environment.settings.executor
    return odibi_executor(
        settings.kind,
        pin=partial(pin, project),
        max_concurrent=settings.max_concurrent,
        hooks=hooks,
        version_key=VERSION,
    )


def build_sensors(project: Project, hooks: tuple[Hook, ...]) -> Iterator[dg.SensorDefinition]:
    """Landing, automation, dead runs, and failures that no step could tell."""
    from odibi_dagster.assets.automation import automation_sensor
    from odibi_dagster.landing.sensor import landing_sensor
    from odibi_dagster.reliability.dead_runs import dead_run_sensor
    from odibi_dagster.reliability.tell import run_failure_sensor

    settings = project.environment.settings.sensors
    watched = [
        _watched(project, spec) for spec in project.tables.values() if isinstance(spec.body, LandingBody)
    ]
    if watched:
        yield landing_sensor(watched, interval=settings.interval, enabled=settings.enabled)
    yield automation_sensor(interval=max(1, round(settings.interval)), running=settings.enabled)
    yield dead_run_sensor(hooks, running=settings.enabled)
    if hooks:
        yield run_failure_sensor(hooks, running=settings.enabled)


def _watched(project: Project, spec: TableSpec) -> Watched:
    from odibi_dagster.assets.landing_source import landing_source
    from odibi_dagster.landing.due import Watched

    def done(app: str) -> int | None:
        log = open_log(spec.key, project.url(spec.key))
        return log.done(app) if log else None

    def digest() -> str | None:
        log = open_log(spec.key, project.url(spec.key))
        latest = next((record for _, record in records(log, 20)), None) if log else None
        return None if latest is None else latest.details.get("digest")

    return Watched(landing_source(project, spec), project.checkpoints, done, digest)
