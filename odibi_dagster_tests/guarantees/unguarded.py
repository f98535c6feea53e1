"""Takes one guard out of the platform, in a child: the tests must then see wrong rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any


def no_identity() -> None:
    """Commits do not carry what makes them happen once."""
    from odibi_dagster.lake import commit

    _around(commit, "properties_of", lambda real, meta, write, *rest: real(meta, _anonymous(write), *rest))


def _anonymous(write: Any) -> Any:
    return write and replace(write, identity=None)


def no_compare_and_swap() -> None:
    """delta-rs' own retries: a commit is put on top of whatever has come in between."""
    from odibi_dagster.lake import commit

    def retrying(real: Callable[..., Any], *args: Any) -> Any:
        properties = real(*args)
        properties.max_commit_retries = 15
        return properties

    _around(commit, "properties_of", retrying)


def no_recognition() -> None:
    """Nobody looks whether a write has happened already."""
    from odibi_dagster.assets import step
    from odibi_dagster.lake import publish

    publish.find = step.find = lambda write, log: None  # type: ignore[attr-defined,assignment]


def no_replay() -> None:
    """A batch in the ledger counts as done, whether bronze has it or not; and bronze takes any number."""
    from odibi_dagster.landing import open as opening
    from odibi_dagster.landing.position import Position

    opening.position = lambda ledger, bronze: Position(ledger.last + 1, False)  # type: ignore[attr-defined]
    no_recognition()


def no_sweep() -> None:
    """Nobody looks for dead runs."""
    from odibi_dagster.reliability import executor

    executor.sweep = lambda *args, **values: []  # type: ignore[attr-defined]


def _around(module: Any, name: str, wrapper: Callable[..., Any]) -> None:
    real = getattr(module, name)
    setattr(module, name, lambda *args: wrapper(real, *args))
