"""This machine: its Dagster home, disks, memory and packages."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from odibi_dagster.doctor.check import Check, Said, Subject
from odibi_dagster.doctor.disk import existing, free_space, unwritable
from odibi_dagster.environment import Environment
from odibi_dagster.home import default_home, ensure_home
from odibi_dagster.storage.cache.folder import count, default_folder

_PACKAGE = "odibi-dagster"
#: What people ask for first; the others are named when they are wrong.
_SHOWN = ("dagster", "duckdb", "deltalake", "obstore", "pandas")
#: Bytes. Below it, even the shipped tables spill.
_LITTLE = 512 * 10**6


def machine(environment: Environment | None) -> Subject:
    """The checks of this machine.

    Args:
        environment: None if it does not load.
    """
    home = default_home()
    checks = [
        Check("Dagster home", lambda: _home(home), timeout=20),
        Check("instance", lambda: _instance(home), ("Dagster home",), 30),
    ]
    if environment:
        checks += [
            Check("cache folder", lambda: _cache(environment)),
            Check("disk", lambda: free_space(_folders(environment, home))),
            Check("memory", lambda: _memory(environment)),
        ]
    return Subject("this machine", (*checks, Check("versions", lambda: _versions())))


def _home(home: Path) -> Said:
    place = existing(str(home))
    if place == home and not home.is_dir():
        return Said("failed", f"{home} is not a folder", "Set DAGSTER_HOME to a folder.")
    if refused := unwritable(place):
        remedy = "Make the folder writable, or set DAGSTER_HOME to another one."
        return Said("failed", f"{place} cannot be written: {refused}", remedy)
    if not os.environ.get("DAGSTER_HOME"):
        remedy = f"export DAGSTER_HOME={home}"
        return Said("warning", "DAGSTER_HOME is not set: `dagster` itself forgets its runs", remedy)
    if place != home:
        text = (
            f"{home} is not there: `odibi-dagster` makes it, and `dagster` itself will not begin without it"
        )
        return Said("warning", text, f"mkdir -p {home}")
    return Said("ok", str(home))


def _instance(home: Path) -> Said:
    """Whether Dagster opens its storage; on a home that is there."""
    if not home.is_dir():
        return Said("skipped", "it is made by the first command")
    from dagster import DagsterInstance

    ensure_home(home)  # two processes that open a fresh one at once would break it for good
    try:
        with DagsterInstance.from_config(str(home)) as instance:
            runs, storage = instance.get_runs_count(), type(instance.run_storage).__name__
            logs = type(instance.compute_log_manager).__name__
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        remedy = f"Look at {home / 'dagster.yaml'}, and at the database that it names."
        return Said("failed", f"it does not open: {type(error).__name__}: {text}", remedy)
    return Said("ok", f"{runs:,} runs in {storage}, logs in {logs}")


def _cache(environment: Environment) -> Said:
    cache = environment.settings.cache
    if cache is None:
        return Said("ok", "off")
    folder = existing(cache.folder or default_folder())
    if not folder.is_dir():
        return Said("failed", f"{folder} is not a folder", "Correct `cache: {folder: …}`.")
    if refused := unwritable(folder):
        return Said("failed", f"{folder} cannot be written: {refused}",
                    "Set `cache: {folder: …}` to another folder, or `cache: off`.")  # fmt: skip
    return Said("ok", f"{cache.folder or default_folder()}, up to {count(cache.size) / 1e9:g} GB")


def _folders(environment: Environment, home: Path) -> Iterator[str]:
    cache, engine = environment.settings.cache, environment.settings.engine
    yield str(home)
    yield engine.spill or tempfile.gettempdir()
    if cache:
        yield cache.folder or default_folder()


def _memory(environment: Environment) -> Said:
    import psutil

    machine, limit = psutil.virtual_memory(), environment.settings.engine.memory_limit
    there, free = min(machine.total, _control_group()), machine.available
    text = f"{there / 1e9:.1f} GB, {free / 1e9:.1f} GB are free"
    if limit and count(limit) > there:
        remedy = "Lower `engine: {memory_limit: …}`: beyond the machine's memory, runs are killed."
        return Said("warning", f"{text}, and a run may use {limit}", remedy)
    if free < _LITTLE:
        return Said("warning", text, "End what is not needed, or take a larger machine.")
    return Said("ok", text)


def _control_group() -> float:
    """Bytes that this process' container may use; infinite without one."""
    try:
        return float(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return float("inf")


def _versions() -> Iterator[Said]:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    python = sys.version.split()[0]
    try:
        needed = [Requirement(text) for text in requires(_PACKAGE) or ()]
        shown = [f"Python {python}", f"{_PACKAGE} {version(_PACKAGE)}"]
    except PackageNotFoundError:
        yield Said("warning", f"Python {python}; {_PACKAGE} is not installed", "pip install -e .")
        return
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Said("failed", f"Python {python}", "Use Python 3.11, 3.12 or 3.13.")
    for each in needed:
        if each.marker and not each.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(each.name)
        except PackageNotFoundError:
            yield Said("failed", f"{each.name} is not installed", f"pip install '{each}'")
            continue
        if not each.specifier.contains(found, prereleases=True):
            yield Said("failed", f"{each.name} is {found}", f"pip install '{each}'")
        elif each.name in _SHOWN:
            shown.append(f"{each.name} {found}")
    yield Said("ok", ", ".join(shown))
