"""What stores cost beside the local disk, as a table, and what is to be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from odibi_dagster_tests.bench.stores import AGAIN, LOCAL, SERVERS, Ran

#: A run with a warm cache beside the same run on the local disk, on a store that is near.
WARM = 1.3
Runs = Mapping[tuple[str, float, str], Sequence[Ran]]


def show(orders: int, rounds: int, runs: Runs, console: Console) -> None:
    """Prints each store, latency and run: seconds beside the local disk's, processor seconds, requests."""
    table = Table(title=f"{orders:,} orders on stores, medians of {rounds}", title_justify="left", box=SIMPLE)
    for heading in ("", "ms", "run", "seconds", "/ local", "cpu s", "/ local"):
        table.add_column(heading, justify="right" if heading not in ("", "run") else "left", no_wrap=True)
    for heading in ("requests", "fetched", "sent", "logs", "lists", "other", "files"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (name, latency, what), mine in runs.items():
        local = runs[LOCAL, 0.0, what]
        table.add_row(
            name,
            "" if name == LOCAL else f"{latency * 1000:.0f}",
            what,
            f"{seconds(mine):.1f}",
            f"{seconds(mine) / seconds(local):.2f}",
            f"{cpu(mine):.1f}",
            f"{cpu(mine) / cpu(local):.2f}",
            *requests(mine),
            str(mine[-1].files),
        )
    console.print(table)
    warm = [name for name in SERVERS if (name, 0.0, AGAIN) in runs]
    for name in warm:
        ratio = seconds(runs[name, 0.0, AGAIN]) / seconds(runs[LOCAL, 0.0, AGAIN])
        console.print(f"{name} with a warm cache at 0 ms: {ratio:.2f} x local; to reach: {WARM}")


def seconds(runs: Sequence[Ran]) -> float:
    """The median wall clock."""
    return median(ran.measured.seconds for ran in runs)


def cpu(runs: Sequence[Ran]) -> float:
    """The median of the platform's own processor seconds; the server's are not in it."""
    return median(ran.measured.cpu for ran in runs)


def requests(runs: Sequence[Ran]) -> Sequence[str]:
    """Requests in all and by kind of the last run; nothing where they were not counted."""
    asked = runs[-1].asked
    if asked is None:
        return ("",) * 6
    kinds = (asked.all, asked.fetched, asked.sent, asked.logs, asked.listed, asked.other)
    return tuple(str(number) for number in kinds)
