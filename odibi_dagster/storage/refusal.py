"""Errors of a credential provider, carried through obstore, which keeps only their text."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any

from odibi_dagster.errors import OdibiError

_MARK = re.compile(r"odibi refusal (\d+)")
_numbers = count(1)
_kept: deque[tuple[int, OdibiError]] = deque(maxlen=100)
_lock = threading.Lock()


def carried(provider: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The provider, whose errors `told` finds again in what obstore raises."""

    @wraps(provider)
    def asked() -> dict[str, Any]:
        try:
            return provider()
        except OdibiError as error:
            with _lock:
                number = next(_numbers)
                _kept.append((number, error))
            raise RuntimeError(f"odibi refusal {number}: {error.what}") from error

    return asked


def told(error: BaseException) -> OdibiError | None:
    """The error of a credential provider that a client's error is about, if it is about one."""
    found = _MARK.search(str(error))
    if not found:
        return None
    with _lock:
        return dict(_kept).get(int(found[1]))
