"""A server that runs as long as a block: started under a guardian, waited for, ended."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

GUARDIAN = Path(__file__).with_name("guardian.py")
READY_SECONDS = 90.0


class NotStarted(AssertionError):
    """A server did not start; the message has the end of what it said."""


@contextmanager
def program(
    command: Sequence[str], log: Path, ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """The command, running and ready until the block ends, or until this process does.

    Args:
        command: the program and its arguments.
        log: where its output goes.
        ready: whether it answers; asked again until it does. OSError means no.
        env: its process variables; None means our own.

    Raises:
        NotStarted: it ended by itself, or did not answer in time.
    """
    with log.open("ab") as output:
        guardian = subprocess.Popen(
            [sys.executable, "-S", "-E", str(GUARDIAN), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=log.parent,
            start_new_session=True,
        )
    assert guardian.stdin is not None
    try:
        _wait(guardian, command, log, ready)
        yield
    finally:
        guardian.stdin.close()
        guardian.wait()


def _wait(
    guardian: subprocess.Popen[bytes], command: Sequence[str], log: Path, ready: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        if guardian.poll() is not None:
            what = f"ended with {guardian.returncode}"
        elif time.monotonic() > deadline:
            what = f"is not ready after {READY_SECONDS:g} s"
        else:
            try:
                if ready():
                    return
            except OSError:
                pass
            time.sleep(0.1)
            continue
        raise NotStarted(f"`{' '.join(command)}` {what}:\n{log.read_text(errors='replace')[-3000:]}")


def is_listening(port: int) -> bool:
    """Whether somebody takes connections on a port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
