"""`odibi-dagster run --checks TABLE`: a table's checks alone, over its published version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odibi_dagster.cli import console
from odibi_dagster.cli.code import Code, load_code
from odibi_dagster.cli.instance import open_instance
from odibi_dagster.cli.result import Check, message
from odibi_dagster.cli.selection import select
from odibi_dagster.errors import ConfigError, DataError, OdibiError, Where

if TYPE_CHECKING:
    import dagster as dg


def run_checks(module: str, table: str, *, as_json: bool) -> int:
    """Runs the checks and prints each with its counts; returns 1 if one with severity ERROR fails, else 0.

    Nothing is published. Dagster records the results, so that its UI shows them too.

    Args:
        module: the definitions module.
        table: "silver.orders" or "silver/orders".
        as_json: print one document on stdout.

    Raises:
        ConfigError: there is no such table, or it has no checks.
        DataError: the checks could not be run, such as over a table that was never published.
    """
    with open_instance() as instance:
        code = load_code(module)
        tables = select(code, table)
        if len(tables) != 1:
            raise ConfigError(
                f"--checks takes one table, and {table} is {len(tables)}.", remedy="Name one table."
            )
        ((name, key),) = tables.items()
        with console.kept_streams(quiet=as_json):
            run_id, found = _execute(code, instance, name, key)
    success = not any(check.stops for check in found)
    if as_json:
        checks = [vars(check) for check in found]
        console.print_json({"success": success, "run_ids": [run_id], "table": name, "checks": checks})
        return 0 if success else 1
    shown = console.table("check", "result", "violations", "rule", "", right={"violations"})
    for check in found:
        result = "passed" if check.passed else "failed" if check.stops else "warned"
        shown.add_row(check.name, result, console.count(check.violations), check.rule, check.description)
    console.print_table(shown)
    return 0 if success else 1


def _execute(
    code: Code, instance: dg.DagsterInstance, name: str, key: dg.AssetKey
) -> tuple[str, list[Check]]:
    job = code.repository.get_implicit_global_asset_job_def()
    wanted = {check for check in code.graph.asset_check_keys if check.asset_key == key}
    if not wanted:
        raise ConfigError(
            "The table has no checks.", where=Where(table=name), remedy="Add `expect:` to its header."
        )
    config = (
        {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}} if "console" in job.loggers else {}
    )
    result = job.get_subset(asset_selection=set(), asset_check_selection=wanted).execute_in_process(
        instance=instance, raise_on_error=False, run_config=config
    )
    found = [Check.of(evaluation) for evaluation in result.get_asset_check_evaluations()]
    if not result.success:
        raise _failed(name, [event for event in result.all_events if event.is_step_failure])
    order = {check.name: at for at, check in enumerate(sorted(wanted, key=lambda each: each.name))}
    return result.run_id, sorted(found, key=lambda check: order[check.name])


def _failed(name: str, events: list[dg.DagsterEvent]) -> OdibiError:
    if not events:
        return DataError(
            "The checks could not be run.", where=Where(table=name), remedy="See the run in Dagster."
        )
    failure = events[0].step_failure_data
    said = failure.user_failure_data.description if failure.user_failure_data else None
    return DataError(f"The checks of {name} could not be run.", why=said or message(failure.error))
