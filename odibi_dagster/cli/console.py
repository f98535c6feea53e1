"""Where output goes: people get tables and colours on a terminal, programs get one JSON document."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_WIDE = 200  # columns where there is no terminal to ask: lines must not be folded for programs and files


def console(stream: IO[str] | None = None) -> Console:
    """A rich console: colours and the terminal's width on a terminal, plain and wide text elsewhere.

    Args:
        stream: where it writes; None is stdout.
    """
    from rich.console import Console

    stream = stream or sys.stdout
    terminal = stream.isatty()
    return Console(
        file=stream,
        force_terminal=terminal,
        no_color=not terminal or None,
        width=None if terminal else _WIDE,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not terminal,
    )


def table(*headings: str, right: frozenset[str] | set[str] = frozenset()) -> Table:
    """A borderless table with these headings; those in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return made


def print_table(made: Table, stream: IO[str] | None = None) -> None:
    """A table on stdout (or a stream), without blanks at the ends of lines for programs and files."""
    to = console(stream)
    if to.is_terminal:
        to.print(made)
        return
    with to.capture() as captured:
        to.print(made)
    to.file.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def print_json(document: object) -> None:
    """Exactly one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=plain) + "\n")


def plain(value: object) -> object:
    """A value as JSON has it: exact numbers that JSON cannot hold exactly are texts."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return str(value)


@dataclass(frozen=True)
class Streams:
    """The process's own stdout and stderr, whatever happens to the file descriptors 1 and 2 meanwhile."""

    out: IO[str]
    err: IO[str]


@contextlib.contextmanager
def kept_streams(*, quiet: bool) -> Iterator[Streams]:
    """Streams that reach the terminal while a run's steps have their output captured.

    Dagster points the file descriptors 1 and 2 at a step's log files while the step runs; what the command
    itself says must not go there.

    Args:
        quiet: whether what others write to stdout goes to stderr, so that stdout holds one document only.
    """
    with contextlib.ExitStack() as stack:
        streams = Streams(_kept(sys.stdout, stack), _kept(sys.stderr, stack))
        if quiet:
            stack.enter_context(_stdout_to_stderr())
        yield streams


def _kept(stream: IO[str], stack: contextlib.ExitStack) -> IO[str]:
    try:
        number = stream.fileno()
    except (io.UnsupportedOperation, ValueError):
        return stream  # not a file of the system: nobody can redirect it behind our back
    stream.flush()
    return stack.enter_context(open(os.dup(number), "w", encoding="utf-8", buffering=1))


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    try:
        out, err = sys.stdout.fileno(), sys.stderr.fileno()
    except (io.UnsupportedOperation, ValueError):
        with contextlib.redirect_stdout(sys.stderr):
            yield
        return
    sys.stdout.flush()
    before = os.dup(out)
    os.dup2(err, out)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(before, out)
        os.close(before)


def count(number: int | None) -> str:
    """A number of things as people read it; nothing if it is not known."""
    return "" if number is None else f"{number:,}"


def size(number: int | None) -> str:
    """Bytes as people read them."""
    if number is None:
        return ""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def plural(number: int, one: str, many: str | None = None) -> str:
    """ "1 file", "2 files"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
