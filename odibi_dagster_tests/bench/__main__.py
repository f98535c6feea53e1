"""`python -m odibi_dagster_tests.bench`: the shipped tables at several sizes, beside what does less."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from rich.console import Console

from odibi_dagster_tests.bench import spark_contenders, spark_table, store_table, stores
from odibi_dagster_tests.bench.contenders import EMPTY, NAMES, PLAIN, PLATFORM, ROOT, Bench
from odibi_dagster_tests.bench.measure import Measured
from odibi_dagster_tests.bench.same import same_work
from odibi_dagster_tests.bench.table import medians, show

#: `--memory`: what the engine may use, and what the whole process may then hold.
LIMIT, HELD = "1GB", 2 * 2**30


def main() -> None:
    """Prints a table for each size; fails when the contenders did not do the same work."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="each contender runs so often, in turns")
    parser.add_argument("--only", nargs="+", choices=list(NAMES), default=list(NAMES))
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache" / "bench", help="scratch space")
    parser.add_argument(
        "--memory", action="store_true", help=f"instead: 50 million orders with memory_limit {LIMIT}"
    )
    parser.add_argument(
        "--stores", action="store_true", help="instead: the first number of orders on stores, near and far"
    )
    parser.add_argument("--spark", action="store_true", help="instead: on Spark, local and over Connect")
    asked = parser.parse_args()
    console = Console()
    if asked.memory:
        memory(asked.folder, 50_000_000, console)
        return
    all_of_it = not (asked.stores or asked.spark) and set(asked.only) == set(NAMES)
    for orders in () if asked.stores or asked.spark else asked.orders:
        bench = Bench(asked.folder.absolute(), orders)
        show(orders, asked.rounds, medians(compete(bench, asked.rounds, asked.only, console)), console)
    for orders in asked.orders if asked.spark or all_of_it else ():
        bench = Bench(asked.folder.absolute(), orders)
        runs = spark_contenders.compete(bench, asked.rounds, console)
        spark_table.show(orders, asked.rounds, runs, console)
    if asked.stores or all_of_it:
        bench = Bench(asked.folder.absolute(), asked.orders[0])
        store_table.show(asked.orders[0], asked.rounds, stores.compete(bench, asked.rounds, console), console)


def compete(bench: Bench, rounds: int, wanted: list[str], console: Console) -> dict[str, list[Measured]]:
    """Runs the contenders in turns, so that all of them meet the same weather.

    Raises:
        RuntimeError: one failed, or the platform's rows or counted violations are not the plain script's.
    """
    names = [name for name in NAMES if name in {*wanted, PLATFORM, PLAIN, EMPTY}]
    runs: dict[str, list[Measured]] = {name: [] for name in names}
    bench.prepare()
    try:
        for number in range(rounds):
            for name in names:
                ran = bench.run(name)
                runs[name].append(ran)
                load = os.getloadavg()[0]
                console.print(
                    f"{bench.orders:,} orders, round {number + 1}: {name} {ran.seconds:.1f} s "
                    f"(load {load:.1f})",
                    style="dim",
                )
                if name == PLATFORM and number == 0:
                    published = bench.count()
        for name in names:
            if name not in (PLATFORM, EMPTY):
                same_work(json.loads(published), json.loads(runs[name][0].output), NAMES[name])
    finally:
        bench.clean()
    return runs


def memory(folder: Path, orders: int, console: Console) -> None:
    """Whether the whole process keeps within bounds when the engine has little memory.

    Raises:
        SystemExit: it held more.
    """
    bench = Bench(folder.absolute(), orders, LIMIT)
    bench.prepare()
    try:
        ran = bench.run(PLATFORM)
    finally:
        bench.clean()
    told = f"{orders:,} orders, memory_limit {LIMIT}: {ran.seconds:.0f} s, peak {ran.peak / 2**30:.2f} GiB"
    console.print(f"{told}; to reach: below {HELD / 2**30:.0f} GiB")
    if ran.peak >= HELD:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
