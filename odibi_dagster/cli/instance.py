"""The Dagster instance of the shared home, tidied up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from odibi_dagster.home import ensure_home

if TYPE_CHECKING:
    import dagster as dg


@contextmanager
def open_instance() -> Iterator[dg.DagsterInstance]:
    """The instance; runs of this host whose process has died are marked as failed first, named, and told to
    the environment's hooks.

    Raises:
        ConfigError, StorageError: see `ensure_home`.
    """
    ensure_home(export=True)
    import dagster as dg

    from odibi_dagster.environment import load_environment
    from odibi_dagster.reliability.dead_runs import sweep
    from odibi_dagster.reliability.hooks import parse_hooks

    # Before anything is marked: a dead run is told of once, by whoever marks it, and to these.
    hooks = parse_hooks([hook.model_dump() for hook in load_environment().settings.hooks])
    with dg.DagsterInstance.get() as instance:
        for run_id in sweep(instance, hooks):
            click.echo(
                f"Run {run_id} was found dead and is marked as failed; "
                f"to go on with it: odibi-dagster resume {run_id}",
                err=True,
            )
        yield instance
