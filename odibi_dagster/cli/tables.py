"""`odibi-dagster tables`: what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from odibi_dagster.cli.options import json_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.project import Project
    from odibi_dagster.tables.spec import TableSpec


@click.command("tables", short_help="List the tables and what is published of each.")
@project_options
@json_option
def command(as_json: bool) -> None:
    """List the tables, inputs first, and what is published of each.

    \b
    Examples:
      odibi-dagster tables
      odibi-dagster tables --tables ./my_tables --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.project import load_project

    project = load_project()
    rows = [_row(project, spec) for spec in project.tables.values()]
    if as_json:
        console.print_json({"environment": project.environment.name, "tables": rows})
        return
    shown = console.table(
        "table", "kind", "inputs", "version", "rows", "file", "description", right={"version", "rows"}
    )
    for row in rows:
        shown.add_row(
            row["table"],
            row["kind"],
            ", ".join(row["inputs"]) or row["source"] or "",
            "–" if row["version"] is None else str(row["version"]),
            "–" if row["version"] is None else console.count(row["rows"]),
            "/".join(Path(row["file"]).parts[-2:]),
            row["description"],
        )
    console.print_table(shown)


def _row(project: Project, spec: TableSpec) -> dict[str, Any]:
    from odibi_dagster.cli.published import row_count
    from odibi_dagster.lake.log import open_log

    log = open_log(spec.key, project.url(spec.key))
    return {
        "table": spec.key,
        "layer": spec.layer,
        "name": spec.name,
        "kind": spec.kind,
        "inputs": list(spec.inputs),
        "references": list(spec.references),
        "source": _source(spec),
        "file": str(spec.file),
        "url": project.url(spec.key),
        "description": _first_sentence(spec.description),
        "partition_by": list(spec.partition_by),
        "automation": spec.automation.kind,
        "version": log.version if log else None,
        "rows": row_count(log.files) if log else None,
    }


def _source(spec: TableSpec) -> str | None:
    from odibi_dagster.tables.spec import ExternalBody, FunctionBody, LandingBody

    match spec.body:
        case LandingBody(path=path):
            return path
        case ExternalBody(url=url):
            return url
        case FunctionBody(name=name) if not spec.inputs:
            return f"{name}()"
    return None


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0]
