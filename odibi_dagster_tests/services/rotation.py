"""Stores whose key is revoked while a test goes on: from then on they refuse it, and take another one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from odibi_dagster_tests.services.azurite import Azurite, azurite
from odibi_dagster_tests.services.seaweedfs import SeaweedFS, User


class Rotation(Protocol):
    """One store, and the key that it takes now."""

    @property
    def server(self) -> Azurite | SeaweedFS:
        """The store with the key that it takes now; the data and the address stay what they are."""
        ...

    def rotate(self) -> None:
        """Revokes the key: what is signed with it is refused from now on; `server` has a new one."""
        ...


class AzuriteRotation:
    """Azurite, started again over the same data: it reads the accounts' keys when it starts."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.server = stack.enter_context(azurite(folder, lasting=True))

    def rotate(self) -> None:
        self._stack.close()
        self.server = self._stack.enter_context(azurite(self._folder, former=self.server))


class SeaweedFSRotation:
    """A user of a SeaweedFS that goes on running."""

    def __init__(self, user: User) -> None:
        self._user, self.server = user, user.new_key()

    def rotate(self) -> None:
        former, self.server = self.server, self._user.new_key()
        self._user.revoke(former)


@contextmanager
def azurite_rotation(folder: Path) -> Iterator[AzuriteRotation]:
    """An Azurite of its own until the block ends."""
    with ExitStack() as stack:
        yield AzuriteRotation(folder, stack)
