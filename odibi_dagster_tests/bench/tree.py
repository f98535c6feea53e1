"""What all processes that this one has started hold and use together, while something runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

_SECONDS = 0.1


@dataclass
class Tree:
    """The processes below this one, grandchildren too; none is counted that others have started.

    Args:
        peak: the most resident memory that they held at one time, in bytes.
    """

    peak: int = 0
    _used: dict[tuple[int, float], float] = field(default_factory=dict)
    _before: float = 0.0

    @property
    def cpu(self) -> float:
        """Processor seconds that they used since the watch began, those that ended meanwhile too."""
        return sum(self._used.values()) - self._before

    def look(self) -> None:
        """Takes one sample."""
        held = 0
        for process in psutil.Process().children(recursive=True):
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    held += process.memory_info().rss
                    self._used[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:  # it has just ended
                continue
        self.peak = max(self.peak, held)

    def begin(self) -> None:
        """From here on processor seconds count."""
        self.look()
        self._before = sum(self._used.values())


@contextmanager
def watched() -> Iterator[Tree]:
    """Looks ten times a second until the block ends."""
    tree, done = Tree(), threading.Event()
    tree.begin()

    def watch() -> None:
        while not done.wait(_SECONDS):
            tree.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield tree
    finally:
        done.set()
        thread.join()
