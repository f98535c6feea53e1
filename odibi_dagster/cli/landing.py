"""`odibi-dagster landing`: what waits, what was taken, what was given up."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from odibi_dagster.cli.landing_replay import command as replay
from odibi_dagster.cli.options import json_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.landing.late import Brought
    from odibi_dagster.project import Project
    from odibi_dagster.tables.spec import TableSpec


class _Landing(click.Group):
    """Without one of its commands it shows: `landing bronze.orders` is `landing show bronze.orders`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(
    "landing", cls=_Landing, short_help="Show what has landed; let files be taken again that were left out."
)
def command() -> None:
    """Show each source's landed files (`show` may be left out), and replay those that batches left out.

    \b
    Examples:
      odibi-dagster landing
      odibi-dagster landing bronze.orders --limit 50
      odibi-dagster landing replay bronze.orders --batch 7
    """


command.add_command(replay)


@command.command("show", short_help="Pending files, batches, files that were left out.")
@click.argument("table", required=False)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, help="The newest batches."
)
@project_options
@json_option
def show(table: str | None, limit: int, as_json: bool) -> None:
    """Show each source's landed files: what is pending, its batches, and what batches went on without.

    Nothing is changed: batches are opened by runs only.

    \b
    Examples:
      odibi-dagster landing
      odibi-dagster landing bronze.orders --limit 50
      odibi-dagster landing --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.errors import ConfigError, Where
    from odibi_dagster.project import load_project
    from odibi_dagster.tables.spec import LandingBody

    project = load_project()
    sources = [spec for spec in project.tables.values() if isinstance(spec.body, LandingBody)]
    if table is not None:
        wanted = project.table(table)
        if wanted not in sources:
            raise ConfigError(
                "No files land for this table.",
                where=Where(table=wanted.key, file=str(wanted.file)),
                remedy=f"Sources: {', '.join(spec.key for spec in sources) or 'none'}.",
            )
        sources = [wanted]
    found = [_source(project, spec) for spec in sources]
    if as_json:
        console.print_json({"sources": found})
        return
    if not found:
        click.echo("No table has `from: landing`.")
    for each in found:
        _show(each, limit)


def _source(project: Project, spec: TableSpec) -> dict[str, Any]:
    """One source's state as plain values; an error that stops it is a part of it."""
    from odibi_dagster.assets.landing_source import landing_source
    from odibi_dagster.errors import StateError

    source = landing_source(project, spec)
    known = {"table": spec.key, "kind": spec.kind, "url": source.url, "path": source.path}
    if source.kind == "full":
        return known | _whole(project, spec)
    try:
        return known | _batches(project, spec)
    except StateError as error:
        return known | {"stopped": str(error)}


def _whole(project: Project, spec: TableSpec) -> dict[str, Any]:
    from odibi_dagster.assets.landing_source import landing_source
    from odibi_dagster.cli.published import Published
    from odibi_dagster.landing.whole import list_whole

    found = list_whole(landing_source(project, spec), datetime.now(UTC))
    latest = Published(project, spec.key).latest
    return {
        "files": len(found.files),
        "bytes": sum(file.size for file in found.files),
        "unsettled": len(found.unsettled),
        "changed": latest is None or latest.details.get("digest") != found.digest,
    }


def _batches(project: Project, spec: TableSpec) -> dict[str, Any]:
    from odibi_dagster.assets.brought import brought
    from odibi_dagster.assets.landing_source import landing_source
    from odibi_dagster.cli.published import Published
    from odibi_dagster.landing.ledger import Ledger
    from odibi_dagster.landing.pending import batches, pending

    source = landing_source(project, spec)
    ledger = Ledger.open(project.checkpoints, spec.key)

    def done(app: str) -> int | None:
        log = Published(project, spec.key).log  # opened anew: the newest version at each call
        return log.done(app) if log else None

    def committed(number: int) -> Brought | None:
        log = Published(project, spec.key).log
        return brought(log, ledger.app(), number) if log else None

    found = pending(source, ledger, done, datetime.now(UTC), committed=committed)
    return {
        "pending": {"files": found.files, "bytes": found.bytes},
        "next_batch": found.number,
        "open_batch": None if found.open is None else found.open.number,
        "unsettled": found.unsettled,
        "hidden": found.hidden,
        "changed": {"files": found.changed, "paths": list(found.changed_paths)},
        "batches": [asdict(batch) for batch in batches(ledger, done)],
        "parked": [batch.number for batch in found.parked],
        "left_out": [asdict(file) for file in found.left_out],
        "stopped": None if found.stopped is None else str(found.stopped),
    }


def _show(source: dict[str, Any], limit: int) -> None:
    from odibi_dagster.cli import console

    click.echo(click.style(source["table"], bold=True) + f"  {source['url']}/{source['path']}")
    for line in _sentences(source):
        click.echo(f"  {line}")
    if source.get("batches"):
        shown = console.table(
            "  batch", "state", "files", "bytes", "left out", "opened (UTC)", "failures", "reason",
            right={"  batch", "files", "bytes", "left out", "failures"},
        )  # fmt: skip
        for batch in reversed(source["batches"][-limit:]):
            shown.add_row(
                str(batch["number"]),
                batch["state"],
                console.count(batch["files"]),
                console.size(batch["bytes"]),
                str(batch["left_out"] or ""),
                batch["opened_at"].strftime("%Y-%m-%d %H:%M:%S"),
                str(batch["failures"] or ""),
                batch["reason"] or "",
            )
        console.print_table(shown)
    click.echo()


def _sentences(source: dict[str, Any]) -> list[str]:
    """What there is to say of a source, worst last."""
    from odibi_dagster.cli.console import plural, size

    lines = []
    if "pending" in source:
        pending, number = source["pending"], source["next_batch"]
        if source["open_batch"] is not None:
            lines.append(f"batch {source['open_batch']} is open: the next run reads it again")
        if pending["files"]:
            lines.append(
                f"{plural(pending['files'], 'file')} pending, {size(pending['bytes'])}: batch {number} next"
            )
        elif source["open_batch"] is None:
            lines.append("nothing is pending")
        if source["changed"]["files"]:
            some = ", ".join(source["changed"]["paths"][:3])
            lines.append(
                f"{plural(source['changed']['files'], 'file')} changed after they were taken: {some}"
            )
    elif "files" in source:
        changed = "not what was published" if source["changed"] else "as published"
        lines.append(
            f"{plural(source['files'], 'file')}, {size(source['bytes'])}, read whole on each run: {changed}"
        )
    if source.get("unsettled"):
        lines.append(f"{plural(source['unsettled'], 'file')} not settled yet")
    for file in source.get("left_out", ()):
        lines.append(f"{file['path']} is {file['state']} (batch {file['batch']}): {file['reason']}")
    if source.get("stopped"):
        lines.append("stopped: " + source["stopped"].replace("\n", "\n  "))
    return lines
