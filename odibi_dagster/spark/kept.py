"""Tables that a session keeps, so that those who read them read their files once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any


class Kept:
    """What one session keeps in the memory, and for the rest on the disks, of those who compute.

    Partitions are kept when they are first computed. What is lost with a machine is read again: Spark knows
    where it came from. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._frames: dict[Hashable, Any] = {}

    def frame(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """A DataFrame over the one of that key, which the first who asks makes.

        Args:
            key: what always means the same rows, such as a table's URL and version.
            make: gives the DataFrame, classic or of Spark Connect.
        """
        from pyspark import StorageLevel

        if key not in self._frames:
            self._frames[key] = make().persist(StorageLevel.MEMORY_AND_DISK)
        # Spark lets go of whatever has the plan of a view that is dropped: what readers get has another plan.
        return self._frames[key].where("true")

    def clear(self) -> None:
        """Gives everything back: a server or a context that outlives the session holds nothing of it."""
        while self._frames:
            _, frame = self._frames.popitem()
            with suppress(Exception):  # a session that is lost has lost this too
                frame.unpersist()
