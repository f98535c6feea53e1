"""Which copies a session uses: a file that lists them, locked for as long as the session lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping
from uuid import uuid4

from odibi_dagster.storage.cache.lock import abandoned


class Lease:
    """What one session holds; copies that a living session holds are never removed.

    One lock for all its copies: a lock of its own for each would need as many open files. To be made, and
    changed, only while the cache's gate is held, or a removal might not see it.

    Args:
        folder: of all leases.
    """

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, uuid4().hex)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def add(self, sizes: Mapping[str, int]) -> None:
        """Holds these copies, too: key -> bytes. They need not be there yet: their room is taken."""
        self._write(f"+{key} {size}\n" for key, size in sizes.items())

    def give_back(self, sizes: Mapping[str, int]) -> None:
        """Holds these copies no longer."""
        self._write(f"-{key} {size}\n" for key, size in sizes.items())

    def end(self) -> None:
        """Holds nothing any more."""
        os.unlink(self.path)
        os.close(self._handle)

    def _write(self, lines: Iterable[str]) -> None:
        data = "".join(lines).encode()
        while data:
            data = data[os.write(self._handle, data) :]


def held(folder: str) -> dict[str, int]:
    """What all living sessions hold, key -> bytes; leases of dead ones are removed.

    Args:
        folder: of all leases; the cache's gate must be held alone.
    """
    found: dict[str, int] = {}
    for entry in os.scandir(folder):
        try:
            with abandoned(entry.path) as dead:
                if dead:
                    os.unlink(entry.path)
                else:
                    found |= _read(entry.path)
        except FileNotFoundError:  # it ended just now
            continue
    return found


def _read(path: str) -> dict[str, int]:
    mine: dict[str, int] = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            key, _, size = line[1:].strip().partition(" ")
            if line.startswith("+"):
                mine[key] = int(size)
            else:
                mine.pop(key, None)
    return mine
