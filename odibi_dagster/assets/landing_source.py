"""Where a table's landed files lie, as landing wants to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from odibi_dagster.landing.source import LandingSource
from odibi_dagster.tables.spec import ExternalBody, LandingBody

if TYPE_CHECKING:
    from odibi_dagster.project import Project
    from odibi_dagster.tables.spec import TableSpec


def landing_source(project: Project, spec: TableSpec) -> LandingSource:
    """What landing needs to know of a table whose file says `from: landing`."""
    body = spec.body
    assert isinstance(body, LandingBody)
    return LandingSource(
        table=spec.key,
        url=project.environment.layer_url("landing"),
        path=body.path,
        kind="append" if spec.kind == "append" else "full",
        settle=project.environment.settings.settle if body.settle is None else body.settle,
        max_files=body.max_files,
        max_bytes=body.max_bytes,
        accept_changed=body.accept_changed,
        allow_empty=body.allow_empty,
        allow_partial=body.allow_partial,
        file=str(spec.file),
    )


def external_source(spec: TableSpec, body: ExternalBody) -> LandingSource:
    """The files of a source that is read whole: the folder before the URL's first wildcard, and the glob."""
    folders = body.url.split("/")
    literal = next((i for i, part in enumerate(folders) if set(part) & set("*?[{")), len(folders) - 1)
    root, path = "/".join(folders[:literal]) or "/", "/".join(folders[literal:])
    return LandingSource(table=spec.key, url=root, path=path, kind="full", file=str(spec.file))


def source_key(spec: TableSpec) -> dg.AssetKey | None:
    """The key of the external asset that a source reads; None for tables that are computed."""
    if isinstance(spec.body, LandingBody):
        return dg.AssetKey(["landing", spec.name])
    if isinstance(spec.body, ExternalBody):
        return dg.AssetKey(["external", spec.name])
    return None
