"""What a session asks of whoever keeps copies of remote files for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RemoteFile:
    """One immutable file of a remote store.

    Args:
        url: the folder's canonical URL, without secrets.
        path: relative to it, exactly as the object is named.
        size: bytes, as the table's log says.
    """

    url: str
    path: str
    size: int

    @property
    def key(self) -> str:
        """Equal for equal URL and size: a file of a Delta table is never written again under its name."""
        return hashlib.sha256(f"{self.url}/{self.path}\0{self.size}".encode()).hexdigest()[:40]


class Copies(Protocol):
    """Where the copies of one session are, and how they come there."""

    def path(self, file: RemoteFile) -> str:
        """The absolute local path that the file's copy has or would have; it holds no '='."""
        ...

    def fetch(self, files: Sequence[RemoteFile], what: str) -> bool:
        """Copies of all these files, until the session ends; False, and nothing fetched, if they do not fit.

        Args:
            files: what is needed; those that are there already are not asked for again.
            what: for the line of progress, such as "silver.orders".

        Raises:
            FileNotFoundError: a file is not in its store any more; the message is its URL.
            StorageError, TransientError: the store or the disk refused.
        """
        ...

    def keep(self, files: Mapping[RemoteFile, str]) -> None:
        """Local files become copies of what was just uploaded from them, where there is room for all of them.

        They must never change afterwards; they may be removed. A copy that cannot be made is left out.

        Args:
            files: each with the absolute local path of its bytes.
        """
        ...
