"""The shipped tables on Azurite and SeaweedFS beside the local disk, near and far, first and again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from odibi_dagster.home import ensure_home
from odibi_dagster_tests.bench.asked import Asked, count
from odibi_dagster_tests.bench.contenders import Bench
from odibi_dagster_tests.bench.measure import Measured
from odibi_dagster_tests.services.azurite import azurite
from odibi_dagster_tests.services.place import LocalDisk, Place, Server
from odibi_dagster_tests.services.proxy import Proxy, proxy
from odibi_dagster_tests.services.seaweedfs import seaweedfs

LOCAL = "local disk"
SERVERS: dict[str, Any] = {"Azurite": azurite, "SeaweedFS": seaweedfs}
#: Seconds that a request waits for a store that is not on this machine.
FAR = 0.03
#: What happens to one lake, run after run.
FIRST, AGAIN, LANDED = RUNS = ("first", "again", "1 file landed")


@dataclass(frozen=True)
class Ran:
    """One run on one store.

    Args:
        measured: its time.
        asked: its requests; None where nobody counts: on the local disk, and at 0 ms, where nothing may
            stand between.
        files: data files of tables that the store held afterwards, those of old versions too.
    """

    measured: Measured
    asked: Asked | None
    files: int


def places() -> list[tuple[str, float]]:
    """What is compared: stores, and the seconds that each request waits."""
    return [(LOCAL, 0.0), *((name, latency) for latency in (0.0, FAR) for name in SERVERS)]


def compete(
    bench: Bench, rounds: int, console: Console, wanted: Sequence[tuple[str, float]] = ()
) -> dict[tuple[str, float, str], list[Ran]]:
    """Each store in turns, from nothing, with a cache of its own that is empty at first.

    Args:
        bench: its landed files, and room for the rest.
        rounds: how often.
        console: for a line after each run.
        wanted: stores and latencies; none means all `places`.

    Raises:
        RuntimeError: a run failed.
    """
    runs: dict[tuple[str, float, str], list[Ran]] = {}
    bench.prepare()
    try:
        (more,) = bench.more.rglob("*.parquet")
        for number in range(rounds):
            for name, latency in wanted or places():
                for what, ran in zip(RUNS, _runs(bench, name, latency, more), strict=True):
                    runs.setdefault((name, latency, what), []).append(ran)
                    requests = f", {ran.asked.all} requests" if ran.asked else ""
                    console.print(
                        f"round {number + 1}: {name}, {latency * 1000:.0f} ms, {what} "
                        f"{ran.measured.seconds:.1f} s{requests} (load {os.getloadavg()[0]:.1f})",
                        style="dim",
                    )
    finally:
        bench.clean()
    return runs


def _runs(bench: Bench, name: str, latency: float, more: Path) -> Iterator[Ran]:
    """The runs of one new lake; the platform is in a process of its own, and so the proxy may be in this."""
    shutil.rmtree(bench.results, ignore_errors=True)
    with _server(bench, name) as server, _between(server, latency) as between:
        place = Place(server, server.url())
        landing = place / "landing"
        Place(LocalDisk(""), str(bench.landing)).copy(landing)
        _settle(bench, place, between.before(server) if between else server)
        for what in RUNS:
            if what == LANDED:
                landing.write(f"raw/orders/2024/{more.name}", more.read_bytes())
            if between:
                between.seen.clear()
            measured = bench.materialize()
            asked = count(between.seen) if between else None
            files = [path for path in place.paths() if path.endswith(".parquet")]
            yield Ran(measured, asked, sum("/staged-" in path for path in files))


@contextmanager
def _server(bench: Bench, name: str) -> Iterator[Server]:
    if name == LOCAL:
        yield LocalDisk(str(bench.results))
        return
    with SERVERS[name](bench.folder / "server") as server:
        yield server
    shutil.rmtree(bench.folder / "server", ignore_errors=True)


def _between(server: Server, latency: float) -> Any:
    """A proxy, where requests are to wait and to be counted."""

    @contextmanager
    def slow() -> Iterator[Proxy]:
        with proxy(server) as running:
            running.latency = latency
            yield running

    return slow() if latency else nullcontext()


def _settle(bench: Bench, place: Place, server: Server) -> None:
    """A new Dagster home, and the environment in which the lake is reached."""
    shutil.rmtree(bench.home, ignore_errors=True)
    ensure_home(bench.home)
    layers = {name: f"{place.url}/{name}" for name in ("landing", "bronze", "silver", "gold", "checkpoints")}
    section = server.store_section()
    bench.environment.write_text(
        yaml.safe_dump(
            {
                "engine": {"name": "pandas"},
                "layers": layers,
                "stores": [section] if section else [],
                "cache": {"folder": str(bench.results / "cache")},
                "settle": "0s",
            }
        )
    )
