"""`odibi-dagster plan`: what would run, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.options import json_option, module_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.cli.reasons import Planned


@click.command("plan", short_help="Show what would run, and why; nothing is changed.")
@click.argument("selection", default="*", required=False)
@project_options
@module_option
@json_option
def command(selection: str, module: str, as_json: bool) -> None:
    """Show which of the selected tables have a reason to run, in the order of execution.

    Reasons: the table or a partition is missing, files have landed, the source or the table's code has
    changed, an input is newer or will run first, the last run failed. No table and no ledger is changed.
    `odibi-dagster run --stale` runs exactly this.

    \b
    Examples:
      odibi-dagster plan
      odibi-dagster plan group:silver
      odibi-dagster plan '+key:gold/customer_metrics' --json
    """
    from odibi_dagster.cli import console, reasons
    from odibi_dagster.cli.code import load_code
    from odibi_dagster.cli.instance import open_instance
    from odibi_dagster.cli.selection import select
    from odibi_dagster.project import load_project

    with open_instance() as instance:
        code = load_code(module)
        tables = select(code, selection)
        project = load_project()
        planned = reasons.plan(project, tables, instance)
    current = [name for name in tables if name in project.tables and name not in {p.table for p in planned}]
    if as_json:
        console.print_json({"run": [_json(each) for each in planned], "current": current})
        return
    if not planned:
        click.echo(f"Nothing to do: {console.plural(len(current), 'table')} up to date.")
        return
    shown = console.table("", "table", "why", right={""})
    for number, each in enumerate(planned, 1):
        shown.add_row(str(number), each.table, "; ".join(reason.text for reason in each.reasons))
    console.print_table(shown)
    done = f"; {console.plural(len(current), 'table')} up to date" if current else ""
    click.echo(
        f"\n{console.plural(len(planned), 'table')} would run{done}. To run them: odibi-dagster run --stale"
    )


def _json(planned: Planned) -> dict[str, object]:
    return {
        "table": planned.table,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in planned.reasons],
        "partitions": None if planned.partitions is None else list(planned.partitions),
    }
