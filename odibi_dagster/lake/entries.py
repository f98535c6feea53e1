"""The entries of one table's log, by version."""

from __future__ import annotations

from odibi_dagster.storage.objects import Objects

#: Bytes of entries that are remembered. The newest are asked for several times in a step, old ones once.
REMEMBERED = 4 * 2**20


class Entries:
    """Reads entries of a log; the newest that were read stay in memory, up to a bound, whatever the history.

    A version of a table's log is written once, so what was read stays right.

    Args:
        objects: opened at the table's URL.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        """Bytes that are remembered."""
        return sum(map(len, self._known.values()))

    def get(self, version: int) -> bytes | None:
        """The entry of a version; None if it was cleaned up: then a checkpoint stands for it.

        Raises:
            StorageError, TransientError: the store refused or did not answer.
        """
        if version in self._known:
            return self._known[version]
        try:
            entry = self._objects.get(_path(version))
        except FileNotFoundError:
            return None
        self._known[version] = entry
        while self.size > REMEMBERED:
            del self._known[min(self._known)]
        return entry

    def same(self, version: int) -> bool:
        """Whether the store still has the entry that was read: another one means another table.

        One request; False, if the entry is not remembered.
        """
        try:
            return version in self._known and self._known[version] == self._objects.get(_path(version))
        except FileNotFoundError:
            return False


def _path(version: int) -> str:
    return f"_delta_log/{version:020}.json"
