"""Real Spark is asked again, and says what is recorded: the other tests need no JVM because of this one."""

from __future__ import annotations

import json
import subprocess
import sys

from odibi_dagster_tests.sql.parity.answer import functions


def test_spark_says_what_is_recorded() -> None:
    # In a process of its own: a session would stay with this one, and other tests want another.
    done = subprocess.run(
        [sys.executable, "-m", "odibi_dagster_tests.sql.parity", "again"],
        capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["functions"] == functions()
    assert said["composed"] > 40
