"""`odibi-dagster landing replay`: files that were left out go into the next batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.options import json_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.landing.late import Brought


@click.command("replay", short_help="Let the next batch take files again that were left out.")
@click.argument("table")
@click.option("--batch", type=click.IntRange(min=1), help="Only files that this batch left out.")
@click.option("--file", "files", metavar="GLOB", help="Only files whose path in landing matches.")
@project_options
@json_option
def command(table: str, batch: int | None, files: str | None, as_json: bool) -> None:
    """Let the next batch of TABLE take files again that batches went on without.

    These are all files of a parked batch, and files that could not be read. A mended file is new and needs
    none of this; this is for files that are right while something else was wrong: an expectation, `schema:`,
    a reader. Files that were gone or changed are taken by themselves, as soon as they are there.

    Nothing runs yet, and files whose rows are in the table are never read again. Say it as often as you like:
    each file goes into one new batch. A GLOB is written as `path:` in the table's file.

    \b
    Examples:
      odibi-dagster landing replay bronze.orders
      odibi-dagster landing replay bronze.orders --batch 7
      odibi-dagster landing replay bronze.orders --file 'raw/orders/2024/**'
    """
    from odibi_dagster.assets.brought import brought
    from odibi_dagster.assets.landing_source import landing_source
    from odibi_dagster.cli import console
    from odibi_dagster.errors import ConfigError, Where
    from odibi_dagster.lake.log import open_log
    from odibi_dagster.landing.ledger import Ledger
    from odibi_dagster.landing.replay import replay
    from odibi_dagster.project import load_project
    from odibi_dagster.tables.spec import LandingBody

    project = load_project()
    spec = project.table(table)
    if not isinstance(spec.body, LandingBody) or spec.kind != "append":
        raise ConfigError(
            f"{spec.key} takes no batches.",
            where=Where(table=spec.key, file=str(spec.file)),
            why="only tables with `from: landing` and `kind: append` do",
            remedy="Run the table: it is computed from all that is there.",
        )
    ledger = Ledger.at(project.checkpoints, spec.key)

    def done(app: str) -> int | None:
        log = open_log(spec.key, project.url(spec.key))
        return log.done(app) if log else None

    def committed(number: int) -> Brought | None:
        log = open_log(spec.key, project.url(spec.key))
        return brought(log, ledger.app(), number) if log else None

    source = landing_source(project, spec)
    told = replay(source, ledger, done, datetime.now(UTC), batch=batch, files=files, committed=committed)
    if as_json:
        console.print_json(vars(told))
        return
    for path in told.files:
        click.echo(f"{path}: the next batch takes it again")
    for path in told.pending:
        click.echo(f"{path}: is pending already")
    for path in told.missing:
        click.echo(f"{path}: is not in landing any more; it is taken when it comes back")
    if told.files or told.pending:
        click.echo(f"To take them now: odibi-dagster run {spec.key}")
    elif not told.missing:
        click.echo("Nothing was left out that this could mean: `odibi-dagster landing` shows what was.")
