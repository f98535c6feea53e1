"""The command `odibi-dagster`: each command is imported when it is used, so that all start at once."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from odibi_dagster.cli.exit import INTERRUPTED
from odibi_dagster.errors import OdibiError

_COMMANDS = (
    "demo",
    "tables",
    "plan",
    "run",
    "resume",
    "history",
    "query",
    "landing",
    "check",
    "doctor",
    "spark-jars",
    "ui",
)


class _Commands(click.Group):
    """Finds the command `x-y` in the module `odibi_dagster.cli.x_y`, which imports nothing heavy either."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"odibi_dagster.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=_COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First steps: `odibi-dagster demo`, then `odibi-dagster ui`. "
    "Each command explains itself: `odibi-dagster run --help`.",
)
@click.version_option(package_name="odibi-dagster", prog_name="odibi-dagster")
def commands() -> None:
    """Files that land become trusted bronze, silver and gold tables."""


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code.

    0 if everything that was asked for succeeded, 1 if not, 2 if the command line cannot be meant, 130 after
    Ctrl-C. An error that a person can act on is printed to stderr as text, without a traceback; any other
    exception is a defect and keeps its traceback.

    Args:
        args: the words after the program's name; None means the process's own.
    """
    try:
        code = commands.main(
            args=None if args is None else list(args), prog_name="odibi-dagster", standalone_mode=False
        )
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough (`… | head`); the interpreter must not complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        click.echo(str(told), err=True)
        return 1


def _told(error: BaseException | None) -> OdibiError | None:
    """The error for people behind an exception: Dagster wraps what happens while definitions load."""
    while error is not None and not isinstance(error, OdibiError):
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return error


if __name__ == "__main__":
    sys.exit(main())
