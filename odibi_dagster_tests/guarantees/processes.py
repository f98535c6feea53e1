"""Starts children quickly: they are forked from a server process that has imported the platform."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.process import BaseProcess
from typing import Any

from odibi_dagster_tests.guarantees import child
from odibi_dagster_tests.guarantees.lake import Lake

_FORKS = multiprocessing.get_context("forkserver")
# Whatever is slow to import, and opens nothing when it is imported.
_FORKS.set_forkserver_preload(
    [
        "odibi_dagster_tests.guarantees.child",
        "alembic.config",
        "dagster._core.storage.sqlite_storage",
        "deltalake.transaction",
        "duckdb",
        "obstore.store",
        "pandas",
        "psutil",
        "pytz",
        "odibi_dagster.build",
        "odibi_dagster.engines.pandas.session",
        "odibi_dagster.landing.sensor",
        "odibi_dagster.sql.compile",
        "odibi_dagster.assets.batch_step",
        "odibi_dagster.assets.whole_step",
    ]
)
#: Nobody hangs: a child that is not back by then is an error.
LIMIT = 120.0


def start(target: Any, *args: Any, **values: Any) -> BaseProcess:
    """A child that calls the target."""
    process = _FORKS.Process(target=target, args=args, kwargs=values, daemon=True)
    process.start()
    return process


def start_run(lake: Lake, **values: Any) -> BaseProcess:
    """A run of the lake's project; arguments as in `child.run`."""
    return start(child.run, str(lake.root), lake.variables, **values)


def finish(process: BaseProcess, limit: float = LIMIT) -> int:
    """The child's exit code; it must end by itself."""
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"a child hung for {limit:g} s")
    return process.exitcode


def run(lake: Lake, **values: Any) -> dict[str, Any]:
    """A run that must succeed; what it said."""
    code = finish(start_run(lake, **values))
    assert code == 0, f"exit code {code}: {said(lake)}"
    return lake.results()[-1]


def killed(lake: Lake, **values: Any) -> None:
    """A run that must be killed at its point."""
    code = finish(start_run(lake, **values))
    assert code == -signal.SIGKILL, f"it was not killed, exit code {code}: {said(lake)}"


def said(lake: Lake) -> str:
    """The last of what children wrote."""
    results = lake.results()
    errors = results[-1].get("errors") if results else None
    return f"{errors}\n{(lake.root / 'child.log').read_text()[-3000:]}"
