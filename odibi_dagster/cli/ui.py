"""`odibi-dagster ui`: Dagster's web interface and its daemon, on this machine only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import click

from odibi_dagster.cli.options import lake_option, module_option, project_options

_HOST = "127.0.0.1"
_PATIENCE = 20.0  # seconds that the processes get to end by themselves


@click.command("ui", short_help="Start Dagster's web interface and its daemon.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True,
              help="The next free port is taken if this one is not.")  # fmt: skip
@project_options
@lake_option
@module_option
@click.pass_context
def command(ctx: click.Context, port: int, module: str) -> None:
    """Start Dagster's web interface with its daemon (sensors, automation) and print its address.

    It is reachable from this machine only. Ctrl-C stops it.

    \b
    Examples:
      odibi-dagster ui
      odibi-dagster ui --port 3100
    """
    from odibi_dagster.home import ensure_home
    from odibi_dagster.project import load_project

    load_project()  # what is wrong with the table files is told here, and not in the middle of Dagster's log
    ensure_home(export=True)
    port = free_port(port)
    # Whoever ends us means the whole of Dagster; behind `&` in a script, Ctrl-C would be ignored as well.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    child = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "dagster", "dev"),
            *("-m", module, "-h", _HOST, "-p", str(port), "--log-level", "warning"),
        ],
        start_new_session=True,  # Ctrl-C comes to us alone, and we end the processes in order
    )
    try:
        if _is_up(child, port):
            click.echo(f"Dagster is at http://{_HOST}:{port} (Ctrl-C stops it).")
        code = child.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        _stop(child)
    if code:
        click.echo(f"Dagster ended with exit code {code}; its messages are above.", err=True)
    ctx.exit(1 if code else 0)


def free_port(wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on.

    Raises:
        ConfigError: there is none among the next hundred.
    """
    from odibi_dagster.errors import ConfigError

    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return port
    raise ConfigError(f"No port from {wanted} up is free.", remedy="Give another one: --port 8300.")


def _is_up(child: subprocess.Popen[bytes], port: int) -> bool:
    """Waits until the web server answers; False if it ended first."""
    while child.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{_HOST}:{port}/server_info", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ends the web server, the daemon and the code servers: asked first, then made to."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave processes behind
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if _gone(child):
            return
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and not _gone(child):
            time.sleep(0.1)


def _gone(child: subprocess.Popen[bytes]) -> bool:
    """Whether no process of the child's group is left."""
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return True
    return False
