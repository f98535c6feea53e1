"""Local copies of immutable data files, shared by the processes of a machine."""

from odibi_dagster.storage.cache.cache import Cache
from odibi_dagster.storage.cache.copies import Copies, RemoteFile
from odibi_dagster.storage.cache.scratch import Scratch

__all__ = ["Cache", "Copies", "RemoteFile", "Scratch"]
