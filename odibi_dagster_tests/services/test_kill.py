from __future__ import annotations

import subprocess

import psutil

from odibi_dagster_tests.services.kill import kill_tree


def test_it_ends_what_the_process_started() -> None:
    command = ["sh", "-c", "sleep 600 & echo $!; wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        root = psutil.Process(process.pid)
        kill_tree(root)
        gone, alive = psutil.wait_procs([child], timeout=10)
    assert [each.pid for each in gone] == [child.pid] and not alive
    kill_tree(root)  # it has ended: no error
