"""Names for relations, so that SQL of ours can use them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any
from uuid import uuid4


class Views:
    """The temporary views of one step, gone at its end.

    Args:
        spark: gives the session, once there is a view; other steps may use it at the same time.
    """

    def __init__(self, spark: Callable[[], Any]) -> None:
        self._spark = spark
        self._names: dict[int, tuple[str, Any]] = {}
        self._lock = Lock()

    def keep(self, frame: Any) -> str:
        """The name of a view of the DataFrame, made once however often it is asked for, by any thread."""
        with self._lock:
            known = self._names.get(id(frame))
            if known is None:
                name = f"odibi_{uuid4().hex}"
                frame.createOrReplaceTempView(name)
                known = self._names[id(frame)] = (name, frame)
            return known[0]

    def drop(self) -> None:
        """Removes the views."""
        for name, _ in self._names.values():
            self._spark().catalog.dropTempView(name)
        self._names.clear()
