"""A run as it goes: one line for each table, and on a terminal what is at work now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odibi_dagster.cli import console
from odibi_dagster.cli.result import Check, RunResult, TableResult

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

_STYLES = {"succeeded": "green", "failed": "bold red", "skipped": "yellow", "retrying": "yellow"}
_WORDS = {"succeeded": "ok", "retrying": "retry"}


class Progress:
    """Prints a line when a table is done, failed or tried again; shows the running ones on a terminal.

    Args:
        to: where it prints.
        width: of the longest table's name.
    """

    def __init__(self, to: Console, width: int) -> None:
        self._to, self._width = to, width
        self._running: dict[str, float] = {}

    def tell(self, run: RunResult, table: TableResult) -> None:
        """One table's status has changed."""
        if table.status == "running":
            self._running.setdefault(table.table, time.monotonic())
            return
        if table.status != "retrying":
            self._running.pop(table.table, None)
        self.print(table)

    def print(self, table: TableResult) -> None:
        """One line that says what came of a table."""
        self._to.print(self.line(table))

    def line(self, table: TableResult) -> Text:
        """What came of a table, on one line."""
        from rich.text import Text

        word = _WORDS.get(table.status, table.status)
        text = Text(f"{word:<8}", style=_STYLES.get(table.status, ""))
        text.append(f"{table.table:<{self._width}}  ", style="default not bold")
        return text.append("  ".join(_facts(table)), style="default not bold")

    @contextmanager
    def live(self) -> Iterator[None]:
        """While inside, a terminal shows which tables are at work and for how long."""
        if not self._to.is_terminal:
            yield
            return
        from rich.live import Live

        live = Live(get_renderable=self._now, console=self._to, refresh_per_second=8, transient=True,
                    redirect_stdout=False, redirect_stderr=False)  # fmt: skip
        with live:
            yield

    def _now(self) -> RenderableType:
        from rich.text import Text

        now = time.monotonic()
        lines = [
            f"running {name:<{self._width}}  {now - since:.1f} s" for name, since in self._running.items()
        ]
        return Text("\n".join(lines), style="cyan")


def _facts(table: TableResult) -> Iterator[str]:
    if table.partitions:
        yield f"[{table.partitions}]"
    if table.status == "succeeded":
        if table.rows is not None:
            yield console.plural(table.rows, "row") + (
                f" (+{table.added:,})" if table.added is not None else ""
            )
        if table.version is not None:
            yield f"version {table.version}"
        if table.seconds is not None:
            yield f"{table.seconds:.2f} s"
        if table.checks:
            yield checks(list(table.checks.values()))
    elif table.status == "current":
        yield "no partition is missing or out of date"
    elif table.status == "skipped":
        yield table.error or "a table it depends on failed"
    elif table.error:
        yield table.error.splitlines()[0]


def checks(of: list[Check]) -> str:
    """ "checks: 5 passed, 1 warned (12 rows dropped)"."""
    failed = [check for check in of if check.stops]
    warned = [check for check in of if not check.passed and not check.stops]
    parts = [f"{len(of) - len(failed) - len(warned)} passed"]
    parts += [f"{len(warned)} warned"] if warned else []
    parts += [f"{len(failed)} failed"] if failed else []
    dropped = sum(check.dropped for check in of)
    return f"checks: {', '.join(parts)}" + (f" ({console.plural(dropped, 'row')} dropped)" if dropped else "")
