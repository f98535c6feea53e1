"""`odibi-dagster check`: everything that can be known to be wrong before anything runs."""

from __future__ import annotations

import click

from odibi_dagster.cli.options import json_option, module_option, project_options


@click.command("check", short_help="Load everything, compute types and lineage; for CI.")
@project_options
@module_option
@json_option
@click.pass_context
def command(ctx: click.Context, module: str, as_json: bool) -> None:
    """Load every table file, import the Python tables, and compute the columns and lineage of SQL tables.

    All errors are told at once, and the exit code is 1 if there is any. Nothing runs and nothing is written;
    where tables are published, their logs tell their columns.

    \b
    Examples:
      odibi-dagster check
      odibi-dagster check --tables ./my_tables --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.cli.code import load_code
    from odibi_dagster.cli.inspection import inspect
    from odibi_dagster.errors import ConfigErrors, OdibiError
    from odibi_dagster.project import load_project

    try:
        project = load_project()
        load_code(module)
    except OdibiError as error:
        if not as_json:
            raise
        told = error.errors if isinstance(error, ConfigErrors) else (error,)
        console.print_json({"success": False, "errors": [str(each) for each in told], "tables": []})
        ctx.exit(1)
    found = list(inspect(project))
    errors = [str(wrong) for one in found for wrong in one.errors]
    if as_json:
        document = {"success": not errors, "errors": errors}
        console.print_json({**document, "tables": [one.to_json() for one in found]})
        ctx.exit(1 if errors else 0)
    shown = console.table("table", "", "columns", "with lineage", "types", right={"columns", "with lineage"})
    for one in found:
        shown.add_row(
            one.table,
            "error" if one.errors else "ok",
            "" if one.columns is None else str(len(one.columns)),
            str(sum(1 for origins in one.lineage.values() if origins)) if one.lineage else "",
            one.known,
        )
    console.print_table(shown)
    for text in errors:
        click.echo(f"\n{text}", err=True)
    wrong = f": {console.plural(len(errors), 'error')}" if errors else ", nothing is wrong"
    click.echo(f"\n{console.plural(len(found), 'table')}{wrong}.")
    ctx.exit(1 if errors else 0)
