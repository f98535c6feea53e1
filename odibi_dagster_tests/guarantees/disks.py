"""Real small and read-only disks: a file system in memory where mounting is allowed, limits elsewhere."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odibi_dagster_tests.guarantees.lake import Lake

PAGE = 4096


class SmallDisk:
    """A layer's folder on a disk of its own.

    Args:
        folder: the layer's folder; what is in it moves to the small disk.
        size: bytes.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self._full = self._refused = False
        self.mounted = False

    def __enter__(self) -> SmallDisk:
        before = self.folder.with_name(self.folder.name + ".before")
        self.folder.rename(before)
        self.folder.mkdir()
        options = f"size={self.size},mode=755"
        self.mounted = os.geteuid() == 0 and _mount("-t", "tmpfs", "-o", options, "tmpfs", str(self.folder))
        shutil.copytree(before, self.folder, dirs_exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self.mounted:  # first of all, and whatever state the test has left it in
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
        else:
            self._permit(0o755)

    @property
    def _filler(self) -> Path:
        return self.folder / ".filler"

    def fill(self, leave: int = 0) -> None:
        """Leaves just so many bytes."""
        self._full = True
        if not self.mounted:
            return
        with self._filler.open("wb", buffering=0) as file:
            left = shutil.disk_usage(self.folder).free - leave
            while left > 0:
                left -= file.write(b"x" * min(left, PAGE))

    def free(self) -> None:
        self._full = False
        if self.mounted:
            self._filler.unlink(missing_ok=True)

    def read_only(self) -> None:
        self._refused = True
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)
        else:
            self._permit(0o555)

    def writable(self) -> None:
        self._refused = False
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,rw", str(self.folder)], check=True)
        else:
            self._permit(0o755)

    def _permit(self, mode: int) -> None:
        for folder in (self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())):
            folder.chmod(mode)

    @property
    def prepare(self) -> Callable[[], None] | None:
        """What a child has to do where nothing could be mounted."""
        if self._refused and not self.mounted:
            return nobody_stages if os.geteuid() == 0 else None
        if self.mounted or not self._full:
            return None
        return limit_ledger if self.folder.name == "checkpoints" else limit_staging


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


def limit_staging() -> None:
    """While data is staged no file of the process grows beyond 16 KB: the system's own limit."""
    from odibi_dagster.engines.pandas.session import PandasSession

    _limited(PandasSession, "stage", 16 * 1024)


def limit_ledger() -> None:
    """While the ledger is written the process may write nothing."""
    from odibi_dagster.landing.ledger import Ledger

    _limited(Ledger, "append", 0)


def nobody_stages() -> None:
    """Root may write everywhere: while data is staged the process is somebody who may not."""
    from odibi_dagster.engines.pandas.session import PandasSession

    real = PandasSession.stage

    def stage(*args: Any, **values: Any) -> Any:
        os.seteuid(65534)
        try:
            return real(*args, **values)
        finally:
            os.seteuid(0)

    PandasSession.stage = stage  # type: ignore[method-assign]


def _limited(owner: type, name: str, size: int) -> None:
    real = getattr(owner, name)

    def limited(*args: Any, **values: Any) -> Any:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            return real(*args, **values)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    setattr(owner, name, limited)


@contextmanager
def layer_on_a_small_disk(lake: Lake, layer: str, size: int = 2 * 1024 * 1024) -> Iterator[SmallDisk]:
    with SmallDisk(lake.root / "lake" / layer, size) as disk:
        yield disk
