"""`odibi-dagster resume`: goes on with runs that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.options import json_option, module_option, project_options

if TYPE_CHECKING:
    import dagster as dg

    from odibi_dagster.cli.code import Code
    from odibi_dagster.cli.runs import Outcome, Runner


@click.command("resume", short_help="Go on with runs that failed.")
@click.argument("run", required=False)
@project_options
@module_option
@json_option
@click.pass_context
def command(ctx: click.Context, run: str | None, module: str, as_json: bool) -> None:
    """Go on with what failed, was canceled or was killed: unfinished tables are made.

    What a run has published stays and is not made again; the rest reads the same versions that the run was
    pinned to. RUN is a run's id, or the beginning of one: then this run alone is gone on with.

    Without RUN everything that is still due is: each table whose newest run ended without it, in the order of
    those runs. A table that a newer run has made, or is making, is left alone. For a table with partitions
    its newest run counts; what older ones left out, `odibi-dagster run --stale` finds.

    \b
    Examples:
      odibi-dagster resume
      odibi-dagster resume 6e1f7a3c
      odibi-dagster resume 6e1f7a3c --json
    """
    from odibi_dagster.cli.run import execute_and_report

    def go(runner: Runner) -> Outcome:
        if run is not None:
            return runner.resume({find_run(runner.instance, run).run_id: None})
        due = still_due(runner.instance, runner.code)
        for run_id, tables in due.items():
            click.echo(f"Going on with run {run_id[:8]}: {', '.join(tables)}", err=True)
        return runner.resume(due)

    ctx.exit(execute_and_report(module, go, {}, as_json=as_json))


def still_due(instance: dg.DagsterInstance, code: Code) -> dict[str, list[str]]:
    """Runs that ended without success, oldest first, with the tables that no newer run was to make.

    Args:
        instance: where runs are recorded.
        code: the tables that are looked at.
    """
    import dagster as dg

    from odibi_dagster.cli.reasons import failed_last

    found: dict[str, list[str]] = {}
    for table, run_id in failed_last(instance, code.tables).items():
        found.setdefault(run_id, []).append(table)
    if not found:
        return {}
    records = instance.get_run_records(dg.RunsFilter(run_ids=list(found)), ascending=True)
    order = list(code.tables)
    return {
        record.dagster_run.run_id: sorted(found[record.dagster_run.run_id], key=order.index)
        for record in records
        if _is_of_tables(record.dagster_run)
    }


def _is_of_tables(run: dg.DagsterRun) -> bool:
    return run.asset_selection is not None or run.job_name.startswith("__ASSET_JOB")


def find_run(instance: dg.DagsterInstance, text: str) -> dg.DagsterRun:
    """The run with this id, or the only one whose id begins so, if it can be resumed.

    Raises:
        ConfigError: there is none or more than one, or it has not ended, or it succeeded.
    """
    import dagster as dg

    from odibi_dagster.errors import ConfigError

    run = instance.get_run_by_id(text)
    if run is None:
        known = (
            [one for one in instance.get_runs(limit=10_000) if one.run_id.startswith(text)] if text else []
        )
        if len(known) > 1:
            raise ConfigError(f"{len(known)} runs begin with {text}.", remedy="Write more of the run's id.")
        if not known:
            raise ConfigError(
                f"There is no run {text}.",
                why=f"the Dagster home is {instance.root_directory}",
                remedy="The failed command printed the run's id; the runs are in `odibi-dagster ui` too.",
            )
        run = known[0]
    if run.status == dg.DagsterRunStatus.SUCCESS:
        raise ConfigError(f"Run {run.run_id} succeeded: there is nothing to go on with.", remedy="Use run.")
    if run.status not in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
        raise ConfigError(
            f"Run {run.run_id} has not ended: it is {run.status.value.lower()}.",
            remedy="Wait for it, or end its process and try again.",
        )
    if not _is_of_tables(run):
        raise ConfigError(
            f"Run {run.run_id} is one of the job {run.job_name}.",
            remedy="Re-execute it in `odibi-dagster ui`.",
        )
    return run
