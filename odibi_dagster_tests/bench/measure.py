"""Runs a command and says how long it took and how much memory it held."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2) of each).
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measured:
    """One run of one command.

    Args:
        seconds: wall clock, from before the process was made until it had ended.
        cpu: seconds of processor time, of all its threads, in user and kernel mode.
        peak: the most resident memory that it, or a child it waited for, ever held, in bytes.
        output: what it printed on standard output.
    """

    seconds: float
    cpu: float
    peak: int
    output: str


def measure(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Measured:
    """Runs the command to its end.

    A process begins with the peak of the one that starts it (Linux keeps the greater of both), so whoever
    calls this must have imported nothing heavy.

    Args:
        command: program and arguments.
        env: all of its process variables.
        cwd: its working folder; its output is kept there.

    Raises:
        RuntimeError: it failed; the end of what it printed is in the message.
    """
    cwd.mkdir(parents=True, exist_ok=True)
    out, err = cwd / "stdout", cwd / "stderr"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        told = out.read_text(errors="replace")[-3000:] + err.read_text(errors="replace")[-5000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{told}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _UNIT, out.read_text())
