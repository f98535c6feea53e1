"""`odibi-dagster history`: what was published when, by which run, from what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from odibi_dagster.cli.options import json_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.lake.log import Log


@click.command("history", short_help="List a table's versions: when, by which run, from what.")
@click.argument("table")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest versions."
)
@project_options
@json_option
def command(table: str, limit: int, as_json: bool) -> None:
    """List the versions of a table, newest first, as its own log tells them.

    A commit that this platform did not make is shown with what its writer said of it.

    \b
    Examples:
      odibi-dagster history silver.orders
      odibi-dagster history silver.orders --limit 5 --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.errors import DataError, Where
    from odibi_dagster.lake.log import open_log
    from odibi_dagster.project import load_project

    project = load_project()
    spec = project.table(table)
    log = open_log(spec.key, project.url(spec.key))
    if log is None:
        raise DataError(
            "It has never been published.",
            where=Where(table=spec.key, url=project.url(spec.key)),
            remedy=f"odibi-dagster run +{spec.layer}/{spec.name}",
        )
    versions = list(_versions(log, limit))
    if as_json:
        console.print_json({"table": spec.key, "url": log.url, "versions": versions})
        return
    shown = console.table(
        "version",
        "time (UTC)",
        "kind",
        "added",
        "rows",
        "run",
        "inputs",
        "checks",
        right={"version", "added", "rows"},
    )
    for each in versions:
        shown.add_row(
            str(each["version"]),
            each["time"].strftime("%Y-%m-%d %H:%M:%S"),
            each["kind"] or f"foreign: {each['operation']}"
            if each["foreign"]
            else each["kind"] or each["operation"],
            console.count(each["added"]),
            console.count(each["rows"]),
            (each["run_id"] or "")[:8],
            ", ".join(f"{name} {version}" for name, version in each["inputs"].items()),
            _checks(each["checks"]),
        )
    console.print_table(shown)


def _versions(log: Log, limit: int) -> Iterator[dict[str, Any]]:
    from odibi_dagster.lake.record import KEY, Record

    for entry in log.history(limit):
        version = int(entry["version"])
        record = Record.from_json(entry[KEY]) if KEY in entry else None
        operation = str(entry.get("operation", "unknown"))
        yield {
            "version": version,
            "time": datetime.fromtimestamp(int(entry.get("timestamp", 0)) / 1000, UTC),
            # New columns are a commit of their own, which carries no record (see lake/publish.py).
            "kind": record.kind if record else "new columns" if operation == "ADD COLUMN" else None,
            "foreign": record is None and operation != "ADD COLUMN",
            "operation": operation,
            "added": record.added if record else None,
            "rows": _rows(log, version),
            "run_id": record.run or None if record else None,
            "inputs": {name: seen.version for name, seen in record.inputs.items()} if record else {},
            "partitions": list(record.partitions) if record and record.partitions is not None else None,
            "checks": list(record.details.get("checks", ())) if record else [],
        }


def _rows(log: Log, version: int) -> int | None:
    """The rows of an old version; None where its log entries or their numbers are gone."""
    from odibi_dagster.cli.published import row_count
    from odibi_dagster.errors import StateError
    from odibi_dagster.lake.log import open_log

    try:
        old = open_log(log.name, log.url, version)
    except StateError:
        return None
    return row_count(old.files) if old else None


def _checks(checks: list[Mapping[str, Any]]) -> str:
    broken = [check for check in checks if check.get("violations")]
    if not checks:
        return ""
    passed = f"{len(checks) - len(broken)} passed"
    return ", ".join([passed, *(f"{each['name']}: {each['violations']:,}" for each in broken)])
