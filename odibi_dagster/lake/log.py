"""One Delta table's log, opened at one version."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.protocol import DataFile, TableFiles
from odibi_dagster.errors import StateError, Where
from odibi_dagster.lake.data_files import data_files
from odibi_dagster.lake.entries import Entries
from odibi_dagster.lake.protocol import refuse_unknown_features
from odibi_dagster.sql.types import Column, Schema, from_delta
from odibi_dagster.storage.failures import refusal
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.stores import store_of

if TYPE_CHECKING:
    from deltalake import DeltaTable

#: An application transaction that holds the version of the last publish that changed data.
DATA_APP = "odibi/data"
#: How long a log counts as opened just now. Opening it anew takes seven requests or more, one after another:
#: much for a step that takes a second, nothing for one that takes minutes.
USABLE_SECONDS = 60.0
_DATA_CHANGE = re.compile(rb'"dataChange"\s*:\s*true')


def open_log(name: str, url: str, version: int | None = None) -> Log | None:
    """The table's log at its newest or at one given version; None if there is no table.

    The handle stays at that version: commits through it are refused once anybody has committed since.

    Args:
        name: "silver.orders", for messages.
        url: the table's URL.
        version: a version of the log; None means the newest.

    Raises:
        StateError: the version does not exist any more, or the log cannot be read.
        StorageError: the store refused.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    objects = open_objects(url)
    if not objects.remote and objects.empty("_delta_log"):
        return None
    try:
        handle = DeltaTable(url, version=version, storage_options=store_of(url).delta_options())
    except TableNotFoundError:
        if objects.remote:
            objects.empty(
                "_delta_log"
            )  # A bucket that is missing has the same name with delta-rs: this raises.
        return None
    except (DeltaError, OSError) as error:
        where = Where(table=name, url=url)
        if refused := refusal(where, error):
            raise refused from error
        raise StateError(
            "The table's log cannot be opened" + ("." if version is None else f" at version {version}."),
            where=where,
            why=str(error).strip().splitlines()[0],
            remedy="Look at the newest files in its _delta_log; if an old version was asked for, "
            "its log entries may have been cleaned up.",
        ) from error
    return Log(name, url, handle, objects)


@dataclass(frozen=True)
class Log:
    """A table at one version. Opened by `open_log`."""

    name: str
    url: str
    handle: DeltaTable
    objects: Objects
    opened: float = field(default_factory=time.monotonic, compare=False)
    """When, on `time.monotonic`."""

    @property
    def where(self) -> Where:
        """The place for messages."""
        return Where(table=self.name, url=self.url)

    @cached_property
    def entries(self) -> Entries:
        """The log's entries, each read when somebody looks."""
        return Entries(self.objects)

    @cached_property
    def version(self) -> int:
        """The version this handle is at."""
        return int(self.handle.version())

    @cached_property
    def table_id(self) -> str:
        """The Delta metadata id: another one means that the table was replaced by hand."""
        return str(self.handle.metadata().id)

    @cached_property
    def partition_by(self) -> tuple[str, ...]:
        """The partition columns, in order."""
        return tuple(self.handle.metadata().partition_columns)

    @cached_property
    def schema(self) -> Schema:
        """All columns with Spark's types, in the table's order."""
        fields = json.loads(self.handle.schema().to_json())["fields"]
        return tuple(Column(f["name"], from_delta(f["type"]), bool(f["nullable"])) for f in fields)

    @cached_property
    def files(self) -> tuple[DataFile, ...]:
        """The active files, without their statistics."""
        return data_files(self.handle, self.schema, self.partition_by)

    @cached_property
    def rows(self) -> int:
        """How many rows the table has: by the log's statistics, or counted where there are none."""
        if all(file.rows >= 0 for file in self.files):
            return sum(file.rows for file in self.files)
        from deltalake import QueryBuilder

        # Not `DeltaTable.count()`: it adds up statistics, and takes missing ones for 0.
        counted = QueryBuilder().register("t", self.handle).execute("SELECT count(*) AS n FROM t").read_all()
        return int(counted["n"].to_pylist()[0])

    def pinned(self) -> TableFiles:
        """What an engine needs to read exactly this version: of a remote table, the statistics too.

        Raises:
            StateError: the table needs a reader feature that would be silently ignored.
        """
        refuse_unknown_features(self, reading=True)
        files = self.files
        if self.objects.remote:
            # They tell which files need not be fetched; beside a local disk they are not worth their time.
            files = data_files(self.handle, self.schema, self.partition_by, statistics=True)
        return TableFiles(self.name, self.url, self.version, self.schema, self.partition_by, files)

    def done(self, app: str) -> int | None:
        """The number that the last commit under this application id carried; None if there was none."""
        # delta-rs reads every entry since the last checkpoint for this; mostly the newest one knows.
        if (newest := self._transactions.get(app)) is not None:
            return newest
        number = self.handle.transaction_version(app)
        return None if number is None else int(number)

    @cached_property
    def _transactions(self) -> Mapping[str, int]:
        """What the newest commit carries, by application id."""
        entry = self.entries.get(self.version) or b""
        found = (json.loads(line).get("txn") for line in entry.splitlines() if b'"txn"' in line)
        return {action["appId"]: int(action["version"]) for action in found if action}

    @cached_property
    def data_version(self) -> int:
        """The newest version, up to this one, that changed data.

        Compaction, property changes and empty commits do not move it, and neither does cleaning up old log
        entries: what the last publish wrote into the table stands in for an entry that is gone. (For a table
        of other writers alone it is the oldest version that can still be read.)
        """
        for version in range(self.version, -1, -1):
            entry = self.entries.get(version)
            if entry is None:
                known = self.done(DATA_APP)
                return min(version + 1, self.version) if known is None else known
            if _DATA_CHANGE.search(entry):
                return version
        return 0

    def history(self, limit: int = 1000) -> Iterator[dict[str, Any]]:
        """What the commits up to this version say of themselves, newest first, each with its `version`.

        Read entry by entry, only as far as the caller goes and the log reaches back; a commit that says
        nothing of itself gives its version alone. Not `DeltaTable.history()`: that lists commits newer than
        the handle too, and numbers them by counting down from its version.

        Args:
            limit: how many versions at most.
        """
        for version in range(self.version, max(self.version - limit, -1), -1):
            entry = self.entries.get(version)
            if entry is None:
                return
            lines = (line for line in entry.splitlines() if b'"commitInfo"' in line)
            infos = (json.loads(line).get("commitInfo") for line in lines)
            yield {**next((info for info in infos if info), {}), "version": version}

    def usable(self) -> bool:
        """Whether a publish may begin from this log instead of opening the table anew.

        Whoever commits from it is refused if anybody has committed since, so it need not be the newest. But
        it must be of the table that is there now, and its credentials must not be old.
        """
        return time.monotonic() - self.opened < USABLE_SECONDS and self.entries.same(self.version)

    def moved_on(self) -> Log:
        """The table at its newest version, of which just what is new is read; this log is of no use any more.

        For whoever has committed through the handle, or seen it done, a moment ago: a table that was removed
        and made again since then is not noticed.

        Raises:
            deltalake.exceptions.DeltaError, OSError: the store refused or did not answer.
        """
        self.handle.update_incremental()
        return Log(self.name, self.url, self.handle, self.objects)
