"""The measured medians as a table, and what is to be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from odibi_dagster_tests.bench.contenders import EMPTY, NAMES, PLAIN, PLATFORM
from odibi_dagster_tests.bench.measure import Measured

#: The whole process beside plain DuckDB and an empty run together, at 10 million orders and more.
TIME = 1.15
#: Its peak memory beside plain DuckDB's.
MEMORY = 1.3


@dataclass(frozen=True)
class Median:
    """The middle of several runs.

    Args:
        seconds: wall clock.
        cpu: processor seconds.
        peak: bytes.
    """

    seconds: float
    cpu: float
    peak: float


def medians(runs: Mapping[str, Sequence[Measured]]) -> dict[str, Median]:
    """The median of each contender's runs."""
    return {
        name: Median(median(r.seconds for r in ran), median(r.cpu for r in ran), median(r.peak for r in ran))
        for name, ran in runs.items()
    }


def show(orders: int, rounds: int, found: Mapping[str, Median], console: Console) -> None:
    """Prints one size: seconds, processor seconds and memory, each also as a ratio."""
    least = found[PLAIN].seconds + found[EMPTY].seconds
    least_cpu = found[PLAIN].cpu + found[EMPTY].cpu
    table = Table(title=f"{orders:,} orders, medians of {rounds}", title_justify="left", box=SIMPLE)
    for heading in ("", "seconds", "/ (a+d)", "cpu s", "/ (a+d)", "peak MiB", "/ a"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, one in found.items():
        table.add_row(
            NAMES[name],
            f"{one.seconds:.1f}",
            f"{one.seconds / least:.2f}",
            f"{one.cpu:.1f}",
            f"{one.cpu / least_cpu:.2f}",
            f"{one.peak / 2**20:,.0f}",
            f"{one.peak / found[PLAIN].peak:.2f}",
        )
    console.print(table)
    ours = found[PLATFORM]
    console.print(f"time {ours.seconds / least:.2f} x (a + d); to reach at 10 million: {TIME}")
    console.print(f"peak memory {ours.peak / found[PLAIN].peak:.2f} x a; to reach: {MEMORY}\n")
