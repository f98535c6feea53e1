from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
import urllib.request

import psutil
import pytest

from odibi_dagster.cli.ui import free_port
from odibi_dagster.errors import ConfigError
from odibi_dagster_tests.cli.shop import Shop


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) < port + 100
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        with pytest.raises(ConfigError, match="No port from 65535"):
            free_port(65535)


def alive(process: psutil.Process) -> bool:
    """Whether it still works; one that has ended and was not waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_interface_answers_and_ctrl_c_leaves_no_process(shop: Shop) -> None:
    port = free_port(38000)
    process = subprocess.Popen(
        shop.command("ui", "--port", str(port)),
        cwd=shop.root,
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    children: list[psutil.Process] = []
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "Dagster is at" in line)
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url
        with urllib.request.urlopen(f"{url[0]}/server_info", timeout=10) as answer:
            assert answer.status == 200
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        listening = [
            connection.laddr.ip
            for child in children
            for connection in child.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening and set(listening) == {"127.0.0.1"}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        deadline = time.monotonic() + 30
        while any(alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [child for child in children if alive(child)]
    finally:
        process.kill()
        process.wait()
        for child in children:
            if child.is_running():
                child.kill()
