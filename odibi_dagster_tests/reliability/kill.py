"""Killing real runs."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from odibi_dagster_tests.reliability.project import noted

Command = Callable[..., subprocess.Popen[str]]


def kill_a_run(box: Path, command: Command, *, kind: str = "in_process") -> None:
    """Start a command-line run of bronze.orders and kill it in the middle of its step."""
    (box / "bronze.orders").write_text("hang")
    started = command("key:bronze/orders", kind=kind)
    wait_until(lambda: (box / "hanging").exists() or started.poll() is not None)
    assert started.poll() is None, started.communicate()[0]
    started.kill()
    started.wait(timeout=10)
    if kind == "multiprocess":  # the step's process outlives its parent
        for pid in noted(box, "hanging"):
            os.kill(int(str(pid)), signal.SIGKILL)
    (box / "bronze.orders").unlink()


def wait_until(done: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
