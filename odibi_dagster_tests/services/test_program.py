from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.program import NotStarted, is_listening, program

ROOT = Path(__file__).resolve().parents[2]
SERVER = (
    "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), None).serve_forever()"
)
STARTER = """
import signal, sys, time
from pathlib import Path
# A shell's background job, and tests before this one, leave them ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
from odibi_dagster_tests.services.program import is_listening, program
log, port, server = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with program([sys.executable, "-c", server, str(port)], log, lambda: is_listening(port)):
    print("ready", flush=True)
    time.sleep(60)
"""


def ends(port: int) -> bool:
    deadline = time.monotonic() + 10
    while is_listening(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_listening(port)


def test_a_program_lives_as_long_as_its_block(tmp_path: Path) -> None:
    port = free_port()
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with program([sys.executable, "-c", SERVER, str(port)], tmp_path / "log", lambda: is_listening(port)):
        assert is_listening(port)
    assert not is_listening(port)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_program_ends_with_a_killed_starter(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path / "log"), str(port), SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"ready\n"
    os.kill(starter.pid, how)
    starter.communicate()
    assert ends(port)


def test_a_program_that_ends_is_told_with_its_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no disk')"]
    with pytest.raises(NotStarted, match="no disk"), program(command, tmp_path / "log", lambda: False):
        pass
