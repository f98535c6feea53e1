"""What runs in processes of their own: one whole step, which may be killed at a named point; and races.

A point is "<place>:before" or "<place>:after"; the process kills itself there with signal 9.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from odibi_dagster.errors import TransientError
from odibi_dagster.landing import compact, open, record
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.storage.stores import use
from odibi_dagster_tests.landing import lake as lakes
from odibi_dagster_tests.landing.lake import Lake
from odibi_dagster_tests.stores import stores_of

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
    use(stores_of(lake.place.server))
    while not (lake.root / "go").exists():
        time.sleep(0.001)
    idle = 0
    while idle < 3:
        try:
            idle = idle + 1 if lake.run(max_files=3) is None else 0
        except TransientError:
            continue
        time.sleep(0.01)


def step(lake: Lake, point: str | None) -> None:
    """One whole step, which ends at the point if there is one."""
    use(stores_of(lake.place.server))
    if point:
        kill_at(point)
    compact.compact.__defaults__ = (2,)  # so that a fold comes with the third batch
    lake.run(max_files=3)
