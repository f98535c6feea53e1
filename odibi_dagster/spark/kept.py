"""DataFrames that a run keeps, so that its tables read their files once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Any


class Kept:
    """What one session keeps in the memory, and for the rest on the disks, of those who compute.

    Partitions of a DataFrame are kept when they are first computed, and given back at the session's end: a
    server or a context that outlives it holds nothing of it.
    """

    def __init__(self) -> None:
        self._frames: dict[Hashable, Any] = {}
        self._lock = Lock()

    def frame(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The DataFrame of that key, made and kept by the first who asks.

        Args:
            key: what always means the same rows, such as a table's URL and version.
            make: gives the DataFrame, classic or of Spark Connect.
        """
        from pyspark import StorageLevel

        with self._lock:
            if key not in self._frames:
                self._frames[key] = make().persist(StorageLevel.MEMORY_AND_DISK)
            return self._frames[key]

    def clear(self) -> None:
        """Gives everything back."""
        with self._lock:
            while self._frames:
                _, frame = self._frames.popitem()
                with suppress(Exception):  # a session that is lost has lost this too
                    frame.unpersist()
