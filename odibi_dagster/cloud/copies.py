"""Local names for some files, so that DuckDB can read them: copies of remote ones, links to local ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from odibi_dagster.cloud.formats import suffix_of
from odibi_dagster.cloud.listing import File
from odibi_dagster.cloud.target import Target
from odibi_dagster.errors import SpaceError, Where
from odibi_dagster.storage.cache.fetch import arrived
from odibi_dagster.storage.transfer import Job, size, transfer


def bring(target: Target, files: Sequence[File], scratch: str) -> list[str]:
    """The files' local paths, in their order: numbered, below their partitions' folders (`year=2024/…`).

    Each remote file is fetched as the listing saw it, in pieces, several at once.

    Args:
        target: where they are.
        files: which.
        scratch: an empty folder.

    Raises:
        SpaceError: the disk has no room for them.
        ObjectChanged: a file was written anew since it was listed.
        StorageError, TransientError: the store, or the disk, refused or did not answer.
    """
    objects = target.objects()
    if objects.remote:
        _see_room(files, scratch, target)
    jobs, paths = [], []
    for number, file in enumerate(files):
        steps = [step for step in file.split("/")[:-1] if "=" in step]
        local = os.path.join(scratch, *steps, f"{number:06}{suffix_of(file)}")
        os.makedirs(os.path.dirname(local), exist_ok=True)
        paths.append(local)
        if objects.remote:
            jobs.append(_job(target, file, local))
        else:
            os.symlink(str(objects.local(file)), local)
    transfer(jobs, f"fetching {len(files)} files from {target.url()}")
    return paths


def _job(target: Target, file: File, local: str) -> Job:
    objects = target.objects()
    return Job(lambda: objects.fetch(file, local, file.etag), file.size, lambda: arrived(local))


def _see_room(files: Sequence[File], scratch: str, target: Target) -> None:
    needed, free = sum(file.size for file in files), shutil.disk_usage(scratch).free
    if needed > free:
        raise SpaceError(
            "The files do not fit on this machine's disk of temporary files.",
            where=Where(url=target.url()),
            why=f"they have {size(needed)}, and {size(free)} are free",
            remedy="Read fewer files at a time, or set TMPDIR to a folder on a larger disk.",
        )
