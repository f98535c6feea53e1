"""The versions that a run will read: one snapshot, taken before its first step."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from odibi_dagster.assets.landing_source import source_key
from odibi_dagster.errors import OdibiError
from odibi_dagster.lake.log import open_log
from odibi_dagster.project import Project
from odibi_dagster.tables.spec import ExternalBody


def pin(project: Project, selected: frozenset[dg.AssetKey]) -> dict[str, int]:
    """The newest versions of all tables that a run reads and does not make, by name.

    Delta tables that somebody else writes are among them, as "external.<name>": all attempts of the run read
    the same version. One that cannot be opened is left out: the step that reads it says so, the others go on.

    Args:
        project: where tables lie.
        selected: what the run makes.
    """
    made = {".".join(key.path) for key in selected}
    wanted = {read for key in made if key in project.tables for read in project.tables[key].reads} - made
    logs = {key: open_log(key, project.url(key)) for key in sorted(wanted)}
    found = {key: log.version for key, log in logs.items() if log}
    return found | dict(_external(project, made))


def _external(project: Project, made: set[str]) -> Iterator[tuple[str, int]]:
    for key in sorted(made & project.tables.keys()):
        spec = project.tables[key]
        source = source_key(spec)
        if source is None or not isinstance(spec.body, ExternalBody) or spec.body.format != "delta":
            continue
        try:
            log = open_log(key, spec.body.url)
        except OdibiError:
            continue
        if log is not None:
            yield ".".join(source.path), log.version
