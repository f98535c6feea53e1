"""A real Dagster daemon on the tests' project."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE = "odibi_dagster_tests.reliability.project"


@contextlib.contextmanager
def daemon(box: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon of the home in DAGSTER_HOME for as long as the block lasts."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", MODULE]
    with (box / "daemon.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
        assert process.poll() is None, (box / "daemon.log").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
