"""Room in the cache: what is there, and what has to go."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from odibi_dagster.storage.cache.lock import passing

#: What stays free on the disk; bytes.
SPARE = 100_000_000


@dataclass(frozen=True)
class Kept:
    """One copy: its key, path, bytes, and when it was last asked for (seconds since 1970)."""

    key: str
    path: str
    size: int
    used: float


def make_room(folder: str, held: Mapping[str, int], *, size: int, age: float) -> bool:
    """Removes copies that nobody holds, until what is held fits; False if it would not fit even then.

    Those that were not asked for during `age` go first, then the longest unused; where that would not help,
    none of the others goes.

    Args:
        folder: of the copies; the cache's gate must be held alone.
        held: what living sessions hold, whether it is there yet or not: key -> bytes.
        size: what the cache may take, bytes.
        age: seconds.
    """
    kept = {each.key: each for each in _kept(folder)}
    to_come = sum(bytes_ for key, bytes_ in held.items() if key not in kept)
    total = to_come + sum(each.size for each in kept.values())
    spare = shutil.disk_usage(folder).free - SPARE
    now = time.time()
    free = sorted((each for each in kept.values() if each.key not in held), key=lambda each: each.used)
    most = sum(each.size for each in free)
    possible = total - most <= size and to_come <= spare + most
    for each in free:
        if now - each.used <= age and not possible:
            break
        if now - each.used <= age and total <= size and to_come <= spare:
            break
        os.unlink(each.path)
        total, spare = total - each.size, spare + each.size
    return total <= size and (to_come <= spare or to_come == 0)


def sweep(folder: str) -> None:
    """Removes what fetches that were killed have left.

    Args:
        folder: of fetches under way, each `<key>.lock` and what begins with `<key>`.
    """
    parts = dict[str, list[str]]()
    for name in os.listdir(folder):
        parts.setdefault(name.partition(".")[0], []).append(os.path.join(folder, name))
    for key, paths in parts.items():
        lock = os.path.join(folder, f"{key}.lock")
        with passing(lock, wait=False) as mine:
            for path in paths if mine else ():
                if path != lock:
                    with suppress(FileNotFoundError):
                        os.unlink(path)


def _kept(folder: str) -> Iterator[Kept]:
    for group in os.scandir(folder):
        for entry in os.scandir(group.path):
            stat = entry.stat()
            yield Kept(entry.name, entry.path, stat.st_size, stat.st_mtime)
