"""What was measured on Spark, as a table, and what is to be reached."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from odibi_dagster_tests.bench.contenders import EMPTY, PLATFORM
from odibi_dagster_tests.bench.spark_contenders import LOCAL, PLAIN, WAYS, Runs
from odibi_dagster_tests.bench.table import medians

#: The platform without an empty run of Dagster, beside plain PySpark with delta-spark.
TIME = 1.1


def show(orders: int, rounds: int, runs: Runs, console: Console) -> None:
    """Prints each contender; the platform's ratios are without what an empty run of Dagster takes."""
    title = f"{orders:,} orders on Spark, medians of {rounds}"
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for heading in (
        "",
        "",
        "seconds",
        "(- empty) / plain",
        "cpu s",
        "(- empty) / plain",
        "peak MiB",
        "/ plain",
    ):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    found = {way: medians({name: ran for (at, name), ran in runs.items() if at == way}) for way in WAYS}
    empty = found[LOCAL][EMPTY]
    reached = {}
    for way in WAYS:
        plain = found[way][PLAIN]
        for name, one in found[way].items():
            aside = empty if name == PLATFORM else None
            seconds = (one.seconds - (aside.seconds if aside else 0)) / plain.seconds
            cpu = (one.cpu - (aside.cpu if aside else 0)) / plain.cpu
            table.add_row(
                way,
                name,
                f"{one.seconds:.1f}",
                f"{seconds:.2f}",
                f"{one.cpu:.1f}",
                f"{cpu:.2f}",
                f"{one.peak / 2**20:,.0f}",
                f"{one.peak / plain.peak:.2f}",
            )
            if name == PLATFORM:
                reached[way] = seconds
    console.print(table)
    for way, ratio in reached.items():
        console.print(f"Spark {way}: {ratio:.2f} x plain PySpark, an empty run aside; to reach: {TIME}")
