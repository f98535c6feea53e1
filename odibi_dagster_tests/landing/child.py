"""A process that runs one whole step and may be killed at a named point: `python child.py ROOT POINT`.

A point is "<place>:before" or "<place>:after"; the process kills itself there with signal 9. "none" is a run
that ends well. "race" runs steps until nothing is pending for a while.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from odibi_dagster.errors import TransientError
from odibi_dagster.landing import compact, open, record
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster_tests.landing import lake as lakes
from odibi_dagster_tests.landing.lake import Lake

PLACES: dict[str, tuple[Any, str]] = {
    "listing": (open, "discover"),
    "create": (Ledger, "create"),
    "opened": (Ledger, "append"),
    "fold": (compact, "_swap"),
    "read": (lakes, "verify"),
    "noted": (record, "_write"),
    "published": (Lake, "publish"),
}


def kill_at(point: str) -> None:
    """Make this process end, as if by `kill -9`, when it comes to the point."""
    place, when = point.split(":")
    owner, name = PLACES[place]
    real: Callable[..., Any] = getattr(owner, name)

    def dies(*args: Any, **options: Any) -> Any:
        if when == "after":
            real(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dies)


def race(lake: Lake) -> None:
    """Take small batches until nothing has been pending for a while, starting together with the others."""
    while not (lake.root / "go").exists():
        time.sleep(0.001)
    idle = 0
    while idle < 3:
        try:
            idle = idle + 1 if lake.run(max_files=3) is None else 0
        except TransientError:
            continue
        time.sleep(0.01)


if __name__ == "__main__":
    where, what = Lake(Path(sys.argv[1])), sys.argv[2]
    if what == "race":
        race(where)
    else:
        if what != "none":
            kill_at(what)
        compact.compact.__defaults__ = (2,)  # so that a fold comes with the third batch
        where.run(max_files=3)
