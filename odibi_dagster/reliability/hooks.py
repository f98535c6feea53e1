"""Functions of the user that are told of failures: what the environment file says, and the calling."""

from __future__ import annotations

import importlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, cast

from odibi_dagster.errors import ConfigError, ConfigErrors, Where
from odibi_dagster.storage.secrets import mask_all

Report = TypedDict(
    "Report",
    {
        "event": str,
        "table": str,
        "run": str,
        "class": str,
        "message": str,
        "attempt": int,
        "remedy": str,
    },
)
"""What a hook is called with.

event: `table_failed`, or `run_failed` when the run failed and no table did. table: "layer.table", or "".
run: the run's id. class: see `classify`. message: for people. attempt: from 1. remedy: what to do, or "".
"""

_PRIORITIES = {"critical": 0, "high": 10, "normal": 20, "low": 30}
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_KEYS = ("call", "priority", "timeout")

_log = logging.getLogger("dagster.odibi")


@dataclass(frozen=True)
class Hook:
    """A function that is told of failures.

    Args:
        call: where to import it from, "package.module:function".
        priority: lower is called earlier.
        timeout: seconds until it is no longer waited for.
    """

    call: str
    priority: int = 20
    timeout: float = 10.0


def parse_hooks(entries: object, *, where: Where | None = None) -> tuple[Hook, ...]:
    """Return the hooks that an environment file declares, those to be called first in front.

    Only the spelling is looked at: nothing of the user's is imported before a failure has to be told.

    Args:
        entries: the value of `hooks:`, a list of mappings with `call` ("package.module:function"),
            `priority` (critical, high, normal, low, or an integer where lower is earlier; default normal)
            and `timeout` (seconds; default 10).
        where: the file and line to name in errors.

    Raises:
        ConfigErrors: with everything that is wrong.
    """
    if entries is None:
        return ()
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise ConfigErrors([_wrong("hooks must be a list.", where)])
    hooks, errors = [], []
    for number, entry in enumerate(entries, start=1):
        try:
            hooks.append(_hook(number, entry, where))
        except ConfigError as error:
            errors.append(error)
    if errors:
        raise ConfigErrors(errors)
    return tuple(sorted(hooks, key=lambda hook: hook.priority))


def call_hooks(hooks: Iterable[Hook], report: Report, *, log: logging.Logger = _log) -> None:
    """Call every hook with its own copy of `report`, in order of priority; never raises.

    Each runs in a thread that does not keep the process alive. One that raises, hangs past its time-out,
    cannot be imported, or changes what it was given, changes nothing for the others or for the run: it is
    logged as a warning. Revealed secrets are masked in what they are told.

    Args:
        hooks: the hooks; those of equal priority are called in the order given.
        report: what happened.
        log: where a hook's own failure is told.
    """
    report = cast(Report, mask_all(report))  # a hook sends it anywhere
    for hook in sorted(hooks, key=lambda each: each.priority):
        problem = _call(hook, cast(Report, dict(report)))
        if problem:
            log.warning(f"The failure hook {hook.call} {problem}. The failure it was told of: {report}")


def _call(hook: Hook, report: Report) -> str:
    """Call one hook; return what went wrong, or nothing."""
    problems: list[str] = []

    def run() -> None:
        try:
            _function(hook.call)(report)
        except BaseException as error:  # a hook that calls sys.exit() is also only a hook
            problems.append(f"raised {type(error).__name__}: {error}")

    thread = threading.Thread(target=run, name=f"hook {hook.call}", daemon=True)
    thread.start()
    _wait(thread, hook.timeout)
    if thread.is_alive():
        return f"did not return within {hook.timeout:g} seconds and is no longer waited for"
    return problems[0] if problems else ""


def _wait(thread: threading.Thread, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while thread.is_alive() and (left := deadline - time.monotonic()) > 0:
        thread.join(min(left, 0.5))  # in pieces: an interrupt is noticed


def _function(path: str) -> Callable[[Report], object]:
    module, _, name = path.partition(":")
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{path} is not a function")
    return found


def _hook(number: int, entry: object, where: Where | None) -> Hook:
    if not isinstance(entry, Mapping):
        raise _wrong(f"Hook {number} is not a mapping.", where)
    unknown = [str(key) for key in entry if key not in _KEYS]
    if unknown:
        raise _wrong(f"Hook {number} has unknown keys: {', '.join(unknown)}.", where)
    call, priority, timeout = entry.get("call"), entry.get("priority", "normal"), entry.get("timeout", 10.0)
    if not isinstance(call, str) or not _PATH.fullmatch(call):
        raise _wrong(f"Hook {number}: call {call!r} is not package.module:function.", where)
    if isinstance(priority, str):
        if priority not in _PRIORITIES:
            raise _wrong(f"Hook {number}: unknown priority {priority!r}.", where)
        priority = _PRIORITIES[priority]
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise _wrong(f"Hook {number}: priority {priority!r} is neither a word nor an integer.", where)
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or timeout <= 0:
        raise _wrong(f"Hook {number}: timeout {timeout!r} is not a number of seconds above 0.", where)
    return Hook(call, priority, float(timeout))


def _wrong(what: str, where: Where | None) -> ConfigError:
    return ConfigError(
        what,
        where=where,
        remedy="A hook is {call: package.module:function, timeout: seconds, "
        "priority: critical | high | normal | low | an integer}; priority and timeout may be left out.",
    )
