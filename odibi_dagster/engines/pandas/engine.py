"""The pandas engine as a Dagster resource: DuckDB does the work, pandas is what functions see."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import dagster as dg
from pydantic import Field

from odibi_dagster.engines.pandas import alone, inputs, jail, remote, share
from odibi_dagster.engines.pandas.connection import open_connection
from odibi_dagster.engines.pandas.failures import explained
from odibi_dagster.engines.protocol import Landed, LandedFile, TableFiles
from odibi_dagster.errors import DataError

if TYPE_CHECKING:
    from odibi_dagster.engines.pandas.inputs import Input
    from odibi_dagster.engines.pandas.remote import RemoteTable
    from odibi_dagster.engines.pandas.session import PandasSession
    from odibi_dagster.storage.cache import Copies


class PandasEngine(dg.ConfigurableResource):  # type: ignore[type-arg]
    """DuckDB and pandas in this process, bounded in memory and kept inside a step's own files.

    Args:
        memory_limit: what one run may use, such as "4GB"; None is 80 % of the machine.
        threads: threads of one run; None is one a core.
        spill: folder for what does not fit into memory; None is the system's folder for temporary files.
        spill_limit: how much one run may put there, such as "50GB"; None is what the disk has left.
        concurrent_steps: how many steps of one run work at once; each session gets its share.
        cache: folder for copies of remote data files, shared by all processes; None keeps none of them.
        cache_size: bytes that the copies may take together.
        cache_age: seconds after which a copy that nobody asked for goes.
    """

    memory_limit: str | None = Field(default=None, description="Memory of one run, such as 4GB.")
    threads: int | None = Field(default=None, description="Threads of one run.")
    spill: str | None = Field(default=None, description="Folder for what does not fit into memory.")
    spill_limit: str | None = Field(default=None, description="How much a run may spill, such as 50GB.")
    concurrent_steps: int = Field(default=1, ge=1, description="Steps of one run that work at once.")

    cache: str | None = Field(default=None, description="Folder for copies of remote data files.")
    cache_size: int = Field(default=20_000_000_000, ge=1, description="Bytes of all copies together.")
    cache_age: float = Field(default=604_800.0, gt=0, description="Seconds that an unused copy stays.")

    @property
    def name(self) -> str:
        """How environments call this engine."""
        return "pandas"

    @contextmanager
    def session(
        self, reads: Mapping[str, TableFiles | Landed], writes: str, *, table: str
    ) -> Iterator[PandasSession]:
        """See `odibi_dagster.engines.protocol.Engine.session`."""
        from odibi_dagster.engines.pandas.session import PandasSession
        from odibi_dagster.storage.objects import open_objects

        home = open_objects(writes).local()
        folder = f"staged-{uuid4()}"
        with self._scratch(table) as scratch, self._copies(scratch, reads, writes) as copies:
            # What goes to a remote store is staged here, checked here, and then uploaded.
            root = os.path.realpath(home) if home is not None else os.path.join(scratch, "table")
            given: dict[str, Input | RemoteTable] = {}
            for name, read in reads.items():
                source = open_objects(read.url).local()
                given[name] = (
                    remote.prepare(read, copies, scratch, table)
                    if source is None
                    else inputs.prepare(name, read, source, scratch, table)
                )
            with open_connection(
                memory_limit=share.memory(self.memory_limit, self.concurrent_steps),
                threads=share.threads(self.threads, self.concurrent_steps),
                spill=os.path.join(scratch, "spill"),
                spill_limit=share.size(self.spill_limit, self.concurrent_steps),
            ) as connection:
                files = (path for one in given.values() for path in one.opens)
                jail.close(connection, files=files, folder=os.path.join(root, folder))
                session = PandasSession(connection, given, copies, writes, root, folder, scratch, table)
                try:
                    yield session
                finally:
                    session.clean()

    def unreadable(self, read: Landed) -> Mapping[str, str]:
        """See `odibi_dagster.engines.protocol.LocalEngine`."""
        return alone.unreadable(read)

    def unfit(self, read: Landed, *, table: str) -> Mapping[str, str]:
        """See `odibi_dagster.engines.protocol.LocalEngine`."""
        return alone.unfit(read, table=table)

    def diagnose(self, read: Landed, *, table: str) -> DataError | None:
        """See `odibi_dagster.engines.protocol.LocalEngine`."""
        return alone.diagnose(read, table=table)

    def first_line(self, read: Landed, file: LandedFile) -> str:
        """See `odibi_dagster.engines.protocol.LocalEngine`."""
        return alone.first_line(read, file)

    @contextmanager
    def _copies(
        self, scratch: str, reads: Mapping[str, TableFiles | Landed], writes: str
    ) -> Iterator[Copies]:
        """Where copies of remote tables' files are while the session lives."""
        from odibi_dagster.storage.cache import Cache, Scratch
        from odibi_dagster.storage.location import Location
        from odibi_dagster.storage.objects import open_objects

        tables = [writes, *(read.url for read in reads.values() if isinstance(read, TableFiles))]
        if self.cache is None or all(open_objects(url).local() is not None for url in tables):
            yield Scratch(scratch)
            return
        folder = str(Location.parse(self.cache))
        with Cache(folder, size=self.cache_size, age=self.cache_age).session() as held:
            yield held

    @contextmanager
    def _scratch(self, table: str) -> Iterator[str]:
        """A folder for this session alone, gone at its end."""
        from odibi_dagster.storage.location import Location

        home = str(Location.parse(self.spill)) if self.spill is not None else None
        with explained("The engine's folder for temporary files cannot be made", table=table, url=home):
            if home is not None:
                os.makedirs(home, exist_ok=True)
            scratch = os.path.realpath(tempfile.mkdtemp(prefix="odibi-", dir=home))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
