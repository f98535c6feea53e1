"""`odibi-dagster run`: makes tables now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.exit import INTERRUPTED
from odibi_dagster.cli.options import json_option, module_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.cli.runs import Outcome, Runner


@click.command("run", short_help="Make tables, through Dagster.")
@click.argument("selection", default="*", required=False)
@click.option("--stale", is_flag=True, help="Run only what `odibi-dagster plan` names.")
@click.option(
    "--partition", metavar="KEY", help="The partition to make, of every selected table that has any."
)
@click.option("--partition-range", metavar="FIRST...LAST", help="The partitions to make, both ends included.")
@click.option("--checks", metavar="TABLE", help="Only run this table's checks, over its published version.")
@click.option(
    "--tag", "tags", metavar="KEY=VALUE", multiple=True, help="A tag for the runs. May be repeated."
)
@project_options
@module_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    selection: str,
    stale: bool,
    partition: str | None,
    partition_range: str | None,
    checks: str | None,
    tags: tuple[str, ...],
    module: str,
    as_json: bool,
) -> None:
    """Make the selected tables ('*': all), inputs first, and wait for the end.

    SELECTION is a table (silver.orders), or Dagster's asset selection syntax. Tables with partitions get
    runs of their own, for the partitions that are missing or out of date. The exit code is 0 only if
    everything that was asked for succeeded.

    \b
    Examples:
      odibi-dagster run
      odibi-dagster run silver.orders
      odibi-dagster run '+key:gold/customer_metrics'
      odibi-dagster run group:silver --stale --json
      odibi-dagster run gold.daily --partition-range 2024-01-01...2024-01-31
      odibi-dagster run --checks silver.orders
    """
    if partition and partition_range:
        raise click.UsageError("--partition and --partition-range do not go together.")
    if checks is not None:
        given = ctx.get_parameter_source("selection") is not click.core.ParameterSource.DEFAULT
        if given or stale or partition or partition_range or tags:
            raise click.UsageError("--checks TABLE goes alone: it makes nothing.")
        from odibi_dagster.cli.checks import run_checks

        ctx.exit(run_checks(module, checks, as_json=as_json))
    run_tags = dict(_tag(text) for text in tags)

    def go(runner: Runner) -> Outcome:
        from odibi_dagster.cli import reasons
        from odibi_dagster.cli.parts import named_partitions
        from odibi_dagster.cli.selection import select

        tables = select(runner.code, selection)
        named = named_partitions(runner.code, tables, partition, partition_range)
        if stale:
            planned = {each.table for each in reasons.plan(runner.project, tables, runner.instance)}
            return runner.run([name for name in tables if name in planned], named)
        return runner.run(tables, named)

    ctx.exit(execute_and_report(module, go, run_tags, as_json=as_json))


def execute_and_report(
    module: str, go: Callable[[Runner], Outcome], tags: dict[str, str], *, as_json: bool
) -> int:
    """Runs something and prints how it went; returns the exit code.

    Args:
        module: the definitions module.
        go: what to run.
        tags: of every run.
        as_json: print one document on stdout, the progress on stderr.
    """
    from odibi_dagster.cli import console, report
    from odibi_dagster.cli.code import load_code
    from odibi_dagster.cli.instance import open_instance
    from odibi_dagster.cli.progress import Progress
    from odibi_dagster.cli.runs import Runner
    from odibi_dagster.project import load_project

    started = time.monotonic()
    with open_instance() as instance:
        code = load_code(module)
        project = load_project()
        with console.kept_streams(quiet=as_json) as streams:
            to = console.console(streams.err if as_json else streams.out)
            progress = Progress(to, max(map(len, code.tables), default=0))
            outcome = go(Runner(code, project, instance, progress, tags))
        if as_json:
            console.print_json(outcome.to_json())
        elif outcome.tables:
            click.echo(report.summary(outcome, time.monotonic() - started))
        else:
            click.echo("Nothing to do: everything is up to date.")
        for text in report.complaints(outcome, instance):
            click.echo(text, err=True)
    if outcome.canceled:
        return INTERRUPTED
    return 0 if outcome.success else 1


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE.", param_hint="--tag")
    return key, value
