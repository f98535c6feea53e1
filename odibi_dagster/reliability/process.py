"""Which process a run lives in, and whether it is still there."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping

from odibi_dagster.reliability.tags import HOST, PID, RUN, STARTED

# The kernel's boot time may differ by one second from one reading to the next.
_TOLERANCE = 2.0


def process_tags(run_id: str) -> dict[str, str]:
    """Return the run tags that say in which process this code runs.

    Process ids are used again; together with the process's start time they are not.

    Args:
        run_id: the run that lives here.
    """
    started = _started(os.getpid())
    return {
        HOST: socket.gethostname(),
        PID: str(os.getpid()),
        STARTED: f"{started:.2f}",
        RUN: run_id,
    }


def is_gone(run_id: str, tags: Mapping[str, str]) -> bool:
    """Whether the process of a run is known to have ended; False whenever that cannot be told from here.

    That is: another host's runs, runs whose tags were copied from a parent, runs without tags.

    Args:
        run_id: the run.
        tags: its tags.
    """
    if tags.get(RUN) != run_id or tags.get(HOST) != socket.gethostname():
        return False
    try:
        pid, started = int(tags[PID]), float(tags[STARTED])
    except (KeyError, ValueError):
        return False
    return not is_running(pid, started)


def is_running(pid: int, started: float) -> bool:
    """Whether the process `pid` that started at `started` (as in the tag) still runs on this host."""
    import psutil

    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return False  # ended, and its parent has not noticed
        return abs(_started(pid) - started) <= _TOLERANCE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _started(pid: int) -> float:
    """The start of a process in seconds: since the boot on Linux, where a changed clock moves the epoch's."""
    import psutil

    created = float(psutil.Process(pid).create_time())
    return created - float(psutil.boot_time()) if sys.platform == "linux" else created
