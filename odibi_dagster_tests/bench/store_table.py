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
    """Prints each store, latency and run: seconds beside the local disk's, processor seconds; requests."""
    title = f"{orders:,} orders on stores, medians of {rounds}"
    times = _table(title, "", "ms", "run", "seconds", "/ local", "cpu s", "/ local")
    asked = _table("requests", "", "run", "all", "fetched", "sent", "logs", "lists", "other", "data files")
    for (name, latency, what), mine in runs.items():
        local, last = runs[LOCAL, 0.0, what], mine[-1]
        times.add_row(
            name,
            "" if name == LOCAL else f"{latency * 1000:.0f}",
            what,
            f"{seconds(mine):.1f}",
            f"{seconds(mine) / seconds(local):.2f}",
            f"{cpu(mine):.1f}",
            f"{cpu(mine) / cpu(local):.2f}",
        )
        if found := last.asked:
            kinds = (found.all, found.fetched, found.sent, found.logs, found.listed, found.other)
            asked.add_row(name, what, *map(str, kinds), str(last.files))
    console.print(times)
    console.print(asked)
    warm = [name for name in SERVERS if (name, 0.0, AGAIN) in runs]
    for name in warm:
        ratio = seconds(runs[name, 0.0, AGAIN]) / seconds(runs[LOCAL, 0.0, AGAIN])
        console.print(f"{name} with a warm cache at 0 ms: {ratio:.2f} x local; to reach: {WARM}")


def _table(title: str, *headings: str) -> Table:
    made = Table(title=title, title_justify="left", box=SIMPLE)
    for heading in headings:
        made.add_column(heading, justify="left" if heading in ("", "run") else "right", no_wrap=True)
    return made


def seconds(runs: Sequence[Ran]) -> float:
    """The median wall clock."""
    return median(ran.measured.seconds for ran in runs)


def cpu(runs: Sequence[Ran]) -> float:
    """The median of the platform's own processor seconds; the server's are not in it."""
    return median(ran.measured.cpu for ran in runs)
