"""`cache: off`: copies for one session alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence

from odibi_dagster.storage.cache.copies import RemoteFile
from odibi_dagster.storage.cache.fetch import arrived, fetch
from odibi_dagster.storage.cache.room import SPARE
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.transfer import Job, transfer


class Scratch:
    """Copies in the session's own folder, gone with it. See `Copies`.

    Args:
        folder: the session's; it exists, and holds no '=' in its path.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def path(self, file: RemoteFile) -> str:
        """See `Copies.path`."""
        return os.path.join(self.folder, file.key)

    def fetch(self, files: Sequence[RemoteFile], what: str) -> bool:
        """See `Copies.fetch`."""
        missing = {file.key: file for file in files if not os.path.exists(self.path(file))}
        needed = sum(file.size for file in missing.values())
        if needed and needed > shutil.disk_usage(self.folder).free - SPARE:
            return False
        opened = {url: open_objects(url) for url in {file.url for file in missing.values()}}
        transfer([self._job(opened[file.url], file) for file in missing.values()], f"fetching {what}")
        return True

    def keep(self, files: Mapping[RemoteFile, str]) -> None:
        """See `Copies.keep`: what nobody is going to read after the session is not kept."""

    def _job(self, objects: Objects, file: RemoteFile) -> Job:
        part = f"{self.path(file)}.part"
        return Job(lambda: fetch(objects, file, part, self.path(file)), file.size, lambda: arrived(part))
