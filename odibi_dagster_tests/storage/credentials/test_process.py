"""Variables that are hidden from delta-rs are what they were in Python, and in child processes."""

from __future__ import annotations

import os
import subprocess
import sys

CHILD = """
import os, subprocess, sys
from odibi_dagster.storage.credentials.process import hide, restore
restore()
assert os.environ["ODIBI_TEST"] == "value", sys.argv
hide(["ODIBI_TEST", "ODIBI_NOBODY"])
hide(["ODIBI_TEST"])
assert os.environ["ODIBI_TEST"] == "value"
assert b"ODIBI_TEST=value" not in subprocess.run(["env"], capture_output=True).stdout.splitlines()
if sys.argv[1] == "parent":
    subprocess.run([sys.executable, "-c", open(sys.argv[2]).read(), "child"], check=True)
"""


def test_hidden_from_the_c_library_alone(tmp_path) -> None:  # type: ignore[no-untyped-def]
    script = tmp_path / "script.py"
    script.write_text(CHILD)
    done = subprocess.run(
        [sys.executable, str(script), "parent", str(script)],
        env={**os.environ, "ODIBI_TEST": "value"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
