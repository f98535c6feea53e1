"""`odibi-dagster doctor`: is everything there that runs need?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from odibi_dagster.cli.options import json_option, project_options

if TYPE_CHECKING:
    from odibi_dagster.doctor.check import Finding

_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}


@click.command("doctor", short_help="Check live that stores, credentials and this machine are fit.")
@click.option("--write", is_flag=True, help="Also write a small object where runs write, and delete it.")
@project_options
@json_option
@click.pass_context
def command(ctx: click.Context, write: bool, as_json: bool) -> None:
    """Look at the environment, at what its stores answer, and at this machine, and say what to do.

    Nothing is written to a store without --write. The exit code is 1 if anything failed; what could not be
    judged because of something else is skipped.

    \b
    Examples:
      odibi-dagster doctor
      odibi-dagster doctor --env azure --write
      odibi-dagster doctor --env prod.yaml --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.doctor.doctor import doctor
    from odibi_dagster.storage.secrets.redaction import mask_all

    if as_json:
        found = list(doctor(write=write))
        success = not any(each.result == "failed" for each in found)
        checks = [{**dataclasses.asdict(each), "seconds": round(each.seconds, 3)} for each in found]
        console.print_json(mask_all({"success": success, "checks": checks}))
        ctx.exit(0 if success else 1)
    found = _shown(doctor(write=write))
    counts = {result: sum(each.result == result for each in found) for result in _STYLES}
    told = [f"{number} {result}" for result, number in counts.items() if number]
    click.echo(f"\n{', '.join(told)}.")
    ctx.exit(1 if counts["failed"] else 0)


def _shown(findings: Iterable[Finding]) -> list[Finding]:
    """Prints each finding as it comes."""
    from rich.text import Text

    from odibi_dagster.cli import console

    to, subject = console.console(), ""
    found: list[Finding] = []
    for each in findings:
        if each.subject != subject:
            subject = each.subject
            to.print(Text(subject if not found else f"\n{subject}", "bold"))
        head = Text.assemble(
            (f"  {each.result:<8}", _STYLES[each.result]), f"{each.check:<14}{each.seconds:6.2f} s  "
        )
        to.print(head + Text(each.text))
        if each.remedy and each.result != "ok":
            to.print(Text(f"{'':<34}to do: {each.remedy}"))
        found.append(each)
    return found
