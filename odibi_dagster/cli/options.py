"""Options that several commands share, each with one meaning everywhere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

DEFINITIONS = "odibi_dagster.definitions"


def project_options(command: F) -> F:
    """Adds `--env` and `--tables`.

    They become ODIBI_ENV and ODIBI_TABLES for as long as the command runs, so that Dagster's processes, which
    load the definitions again, see the same project.
    """
    command = click.option(
        "--tables",
        type=click.Path(exists=True, file_okay=False, resolve_path=True),
        metavar="FOLDER",
        expose_value=False,
        callback=lambda ctx, _, value: _set(ctx, "ODIBI_TABLES", value),
        help="The folder with bronze/, silver/ and gold/.  [default: ODIBI_TABLES, else the shipped tables]",
    )(command)
    return click.option(
        "--env",
        metavar="NAME|FILE",
        expose_value=False,
        callback=lambda ctx, _, value: _set(ctx, "ODIBI_ENV", value and _environment(value)),
        help="The environment.  [default: ODIBI_ENV, else local]",
    )(command)


def module_option(command: F) -> F:
    """Adds `--module`."""
    return click.option(
        "--module",
        metavar="MODULE",
        default=DEFINITIONS,
        help="The Python module with the Dagster definitions, for projects that merge them with their own.  "
        f"[default: {DEFINITIONS}]",
    )(command)


def json_option(command: F) -> F:
    """Adds `--json`: exactly one JSON document on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def lake_option(command: F) -> F:
    """Adds `--lake`."""
    return click.option(
        "--lake",
        type=click.Path(file_okay=False, resolve_path=True),
        metavar="DIR",
        expose_value=False,
        callback=lambda ctx, _, value: _set(ctx, "ODIBI_LAKE", value),
        help="The root of the local layers.  [default: ODIBI_LAKE, else .lake in a checkout]",
    )(command)


def _environment(value: str) -> str:
    is_file = "/" in value or value.endswith((".yaml", ".yml"))
    return str(Path(value).expanduser().absolute()) if is_file else value


def _set(ctx: click.Context, name: str, value: str | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        ctx.with_resource(variable(name, value))


@contextlib.contextmanager
def variable(name: str, value: str | None) -> Iterator[None]:
    """The process variable has this value, or none at all, inside; afterwards it is what it was."""
    before = os.environ.get(name)
    _put(name, value)
    try:
        yield
    finally:
        _put(name, before)


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
