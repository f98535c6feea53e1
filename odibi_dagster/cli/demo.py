"""`odibi-dagster demo`: from landed files to gold tables, at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.options import DEFINITIONS, lake_option, variable

if TYPE_CHECKING:
    from odibi_dagster.cli.result import TableResult
    from odibi_dagster.cli.runs import Outcome
    from odibi_dagster.project import Project

_SHOWN = ("gold.customer_metrics", "gold.product_metrics")


@click.command("demo", short_help="Generate landing files and make every shipped table of them.")
@click.option(
    "--orders", type=click.IntRange(min=1), default=20_000, show_default=True, help="How many orders land."
)
@lake_option
@click.pass_context
def command(ctx: click.Context, orders: int) -> None:
    """Generate files of customers, orders and products, and make the shipped tables of them, through Dagster.

    The files are the same each time, with the dirt that real files have. A second demo finds nothing new.

    \b
    Examples:
      odibi-dagster demo
      odibi-dagster demo --orders 1000000 --lake /tmp/lake
    """
    # The demo's files fit the shipped tables.
    ctx.with_resource(variable("ODIBI_TABLES", None))
    from odibi_dagster.cli import console, report
    from odibi_dagster.cli.code import load_code
    from odibi_dagster.cli.instance import open_instance
    from odibi_dagster.cli.progress import Progress
    from odibi_dagster.cli.runs import Runner
    from odibi_dagster.demo.land import land
    from odibi_dagster.project import load_project

    started = time.monotonic()
    project = load_project()
    landing = project.environment.layer_url("landing")
    click.echo(f"{console.plural(land(landing, orders=orders), 'file')} in {landing}/raw\n")
    with open_instance() as instance:
        code = load_code(DEFINITIONS)
        with console.kept_streams(quiet=False) as streams:
            progress = Progress(console.console(streams.out), max(map(len, code.tables)))
            outcome = Runner(code, project, instance, progress).run(code.tables)
        told = report.complaints(outcome, instance)
    click.echo()
    _print_tables(outcome)
    click.echo(f"\n{report.summary(outcome, time.monotonic() - started)}")
    for text in told:
        click.echo(text, err=True)
    if not outcome.success:
        ctx.exit(1)
    if idle := _nothing_new(project, outcome):
        click.echo(f"Nothing new has landed for {', '.join(idle)}: each file is taken exactly once.")
    _print_gold(project)
    _print_next()


def _print_tables(outcome: Outcome) -> None:
    from odibi_dagster.cli import console

    headings = ("rows", "added", "version", "files", "bytes", "seconds")
    shown = console.table("table", *headings, "checks", right=set(headings))
    for table in outcome.tables.values():
        shown.add_row(
            table.table,
            console.count(table.rows),
            console.count(table.added),
            "" if table.version is None else str(table.version),
            console.count(table.files),
            console.size(table.bytes),
            "" if table.seconds is None else f"{table.seconds:.2f}",
            table.status if table.status != "succeeded" else _checks(table),
        )
    console.print_table(shown)


def _checks(table: TableResult) -> str:
    from odibi_dagster.cli.progress import checks

    return checks(list(table.checks.values())).removeprefix("checks: ") if table.checks else ""


def _nothing_new(project: Project, outcome: Outcome) -> list[str]:
    from odibi_dagster.tables.spec import LandingBody

    return [
        name
        for name, table in outcome.tables.items()
        if table.added == 0
        and project.tables[name].kind == "append"
        and isinstance(project.tables[name].body, LandingBody)
    ]


def _print_gold(project: Project) -> None:
    from odibi_dagster.cli.query import print_rows, select_rows

    for name in _SHOWN:
        click.echo(f"\n{name}, the first 5 rows:\n")
        print_rows(select_rows(project, f"SELECT * FROM {name}", 5))


def _print_next() -> None:
    click.echo(
        "\nWhere to go next:\n"
        "  odibi-dagster ui                      Dagster's interface: lineage, checks, runs\n"
        '  odibi-dagster query "SELECT * FROM silver.orders"\n'
        "  odibi-dagster history silver.orders   what was published when, from what\n"
        "  odibi-dagster plan                    what would run now, and why"
    )
