"""Dagster's web interface with its daemon, started as a user starts it: `odibi-dagster ui`."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from odibi_dagster_tests.lakes import Lake

READY_SECONDS = 120.0
STOP_SECONDS = 45.0

T = TypeVar("T")


class NotReady(AssertionError):
    """The web interface did not start, or something that was waited for did not happen."""


@dataclass(frozen=True)
class WebServer:
    """A running web interface.

    Args:
        lake: the lake and the Dagster home that it serves.
        url: its address, without a slash at the end.
        log: the file with everything that it printed.
    """

    lake: Lake
    url: str
    log: Path

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL query."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise NotReady(f"{query}\n{json.dumps(answer['errors'], indent=2)[:3000]}")
        return answer["data"]

    def wait(self, what: str, look: Callable[[], T | None], seconds: float = 120.0) -> T:
        """The first true answer of `look`; with the end of the log in the error if there is none in time."""
        deadline = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > deadline:
                raise NotReady(f"Not within {seconds:.0f} s: {what}\n{self.log.read_text()[-4000:]}")
            time.sleep(0.5)
        return seen


@contextmanager
def webserver(lake: Lake) -> Iterator[WebServer]:
    """The web interface and the daemon over a lake, until the block ends; all their processes end with it."""
    port = _free_port()
    lake.root.mkdir(parents=True, exist_ok=True)
    log = lake.root / "ui.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "odibi-dagster"), "ui", "--port", str(port)],
            env=lake.env,
            cwd=lake.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = WebServer(lake, f"http://127.0.0.1:{port}", log)
    try:
        server.wait("the web interface is ready", lambda: _is_ready(server, process), READY_SECONDS)
        yield server
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(server: WebServer, process: subprocess.Popen[bytes]) -> bool:
    """Whether the definitions are loaded and all daemons are at work."""
    if process.poll() is not None:
        raise NotReady(f"The web interface ended with {process.returncode}.\n{server.log.read_text()}")
    try:
        data = server.ask(
            "{ repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } }"
            " instance { daemonHealth { allDaemonStatuses { required healthy } } } }"
        )
    except OSError:
        return False
    daemons = data["instance"]["daemonHealth"]["allDaemonStatuses"]
    return bool(data["repositoriesOrError"].get("nodes")) and all(
        daemon["healthy"] for daemon in daemons if daemon["required"]
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the command to end, as `kill` does, and ends whatever it has left behind."""
    try:
        started = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for left in (child for child in started if child.is_running()):
        try:
            left.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(started, timeout=5)
