"""Files in a container, a bucket or a folder, from a notebook or a script: read, write, list, delete."""

from odibi_dagster.cloud.adapter import CloudAdapter
from odibi_dagster.cloud.connect import Connection
from odibi_dagster.cloud.listing import File

__all__ = ["CloudAdapter", "Connection", "File"]
