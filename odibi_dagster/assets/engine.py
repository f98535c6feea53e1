"""Which engine computes a table, and the resource key under which its step finds it."""

from __future__ import annotations

from odibi_dagster.project import Project
from odibi_dagster.tables.spec import TableSpec

#: The key of the environment's engine.
ENGINE = "engine"


def engine_name(spec: TableSpec, project: Project) -> str:
    """The table's own engine, else the environment's."""
    return spec.engine or project.environment.settings.engine.name


def engine_key(spec: TableSpec, project: Project) -> str:
    """The resource key of the table's engine: `engine`, or that of one that only some tables use."""
    return own_key(engine_name(spec, project), project)


def own_key(name: str, project: Project) -> str:
    """The resource key of an engine: `engine` for the environment's, such as `spark_engine` for another."""
    return ENGINE if name == project.environment.settings.engine.name else f"{name}_{ENGINE}"
