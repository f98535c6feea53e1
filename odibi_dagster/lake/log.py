"""One Delta table's log, opened at one version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from odibi_dagster.engines.protocol import DataFile, TableFiles
from odibi_dagster.errors import StateError, StorageError, Where
from odibi_dagster.lake.partition_value import serialize
from odibi_dagster.sql.types import Column, Schema, from_delta
from odibi_dagster.storage.failures import refusal
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.stores import store_of

if TYPE_CHECKING:
    from deltalake import DeltaTable

#: Features through which delta-rs would write without honouring them are left out on purpose:
#: deletion vectors, column mapping, constraints, generated and identity columns, change data feed.
FEATURES = frozenset({"timestampNtz", "appendOnly"})
#: Legacy writer versions up to 2 know just appendOnly and column invariants.
LEGACY_WRITER = 2
#: An application transaction that holds the version of the last publish that changed data.
DATA_APP = "odibi/data"
#: What delta-rs leaves as it is when it spells a path in the log, besides letters, digits and `_.-~`.
PLAIN = "!$&'()+,/:;=@"
#: delta-rs' names for what the Delta protocol calls ("Per-file Statistics") so.
_STATISTICS = {"num_records": "numRecords", "min": "minValues", "max": "maxValues", "null_count": "nullCount"}
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
    entries: dict[int, bytes] = field(default_factory=dict, repr=False, compare=False)
    """Log entries that were read, by version: a version of this table's log is written once."""

    @property
    def where(self) -> Where:
        """The place for messages."""
        return Where(table=self.name, url=self.url)

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
        return self._files(statistics=False)

    def _files(self, *, statistics: bool) -> tuple[DataFile, ...]:
        actions = self.handle.get_add_actions()
        names = ("path", "size_bytes", "num_records", *(_STATISTICS if statistics else ()))
        types = {column.name: column.type for column in self.schema}
        columns: dict[str, list[Any]] = {
            name: list(actions[name].to_pylist()) for name in names if name in actions.schema.names
        }
        partitions: list[Mapping[str, Any]] = (
            list(actions["partition"].to_pylist()) if self.partition_by else [{}] * len(columns["path"])
        )
        told = {_STATISTICS[name]: columns[name] for name in columns if statistics and name in _STATISTICS}
        return tuple(
            DataFile(
                # The log spells paths URL-encoded (Delta protocol, "Add File"); objects are named decoded.
                unquote(path),
                columns["size_bytes"][place],
                self._rows(columns["num_records"][place]),
                {name: values[place] for name, values in told.items()},
                {name: serialize(partitions[place][name], types[name]) for name in self.partition_by},
            )
            for place, path in enumerate(columns["path"])
        )

    def refuse_removal(self, files: Iterable[DataFile]) -> None:
        """Stops before a publish that would leave rows behind that it means to remove.

        A removal counts only if it spells the path as the log does. delta-rs spells it its own way, and so a
        file that another writer spelled otherwise (Spark leaves letters such as `ä` as they are) would stay,
        beside the rows that replace it. delta-rs' own overwrite does the same.

        Raises:
            StateError: names the first such file.
        """
        spelled = {unquote(path): path for path in self.handle.get_add_actions()["path"].to_pylist()}
        for file in files:
            if spelled[file.path] != quote(file.path, safe=PLAIN):
                raise StateError(
                    "A file of the table cannot be removed here; nothing was published.",
                    where=Where(table=self.name, url=f"{self.url}/{file.path}"),
                    why=f"the log spells it {spelled[file.path]!r}, which delta-rs cannot write",
                    remedy="Let the engine that wrote the file remove it (in Spark: DELETE), or remove the "
                    "table and materialize it anew.",
                )

    @cached_property
    def rows(self) -> int:
        """How many rows the table has: by the log's statistics, or counted where there are none."""
        if all(file.rows >= 0 for file in self.files):
            return sum(file.rows for file in self.files)
        from deltalake import QueryBuilder

        # Not `DeltaTable.count()`: it adds up statistics, and takes missing ones for 0.
        counted = QueryBuilder().register("t", self.handle).execute("SELECT count(*) AS n FROM t").read_all()
        return int(counted["n"].to_pylist()[0])

    def _rows(self, rows: int | None) -> int:
        # A foreign writer may leave statistics out: -1 marks "not known", the engine counts when it reads.
        return -1 if rows is None else int(rows)

    def pinned(self) -> TableFiles:
        """What an engine needs to read exactly this version: of a remote table, the statistics too.

        Raises:
            StateError: the table needs a reader feature that would be silently ignored.
        """
        self.refuse_unknown_features(reading=True)
        files = self.files
        if self.objects.remote:
            # They tell which files need not be fetched; beside a local disk they are not worth their time.
            files = self._files(statistics=True)
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
        entry = self._entry(self.version) or b""
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
            entry = self._entry(version)
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
            entry = self._entry(version)
            if entry is None:
                return
            lines = (line for line in entry.splitlines() if b'"commitInfo"' in line)
            infos = (json.loads(line).get("commitInfo") for line in lines)
            yield {**next((info for info in infos if info), {}), "version": version}

    def _entry(self, version: int) -> bytes | None:
        if version not in self.entries:
            try:
                self.entries[version] = self.objects.get(f"_delta_log/{version:020}.json")
            except FileNotFoundError:  # cleaned up: a checkpoint stands for it
                return None
        return self.entries[version]

    def moved_on(self) -> Log:
        """The table at its newest version, of which just what is new is read; this log is of no use any more.

        For whoever has committed through the handle, or seen it done, a moment ago: a table that was removed
        and made again since then is not noticed.

        Raises:
            deltalake.exceptions.DeltaError, OSError: the store refused or did not answer.
        """
        self.handle.update_incremental()
        return Log(self.name, self.url, self.handle, self.objects)

    def refuse_unknown_features(self, *, reading: bool = False) -> None:
        """Stops before a table whose protocol asks for something that delta-rs would ignore.

        Raises:
            StateError: names the features.
        """
        protocol = self.handle.protocol()
        named = set(protocol.reader_features or ()) | (
            set() if reading else set(protocol.writer_features or ())
        )
        unknown = sorted(named - FEATURES - {"invariants"})
        legacy = not reading and LEGACY_WRITER < protocol.min_writer_version < 7
        if protocol.min_reader_version == 2:
            unknown.append("columnMapping")
        if legacy:
            unknown.append(f"legacy writer version {protocol.min_writer_version}")
        if unknown:
            raise StateError(
                f"The table uses {', '.join(unknown)}.",
                where=self.where,
                why="these features cannot be honoured here, and ignoring them would damage the table",
                remedy="Drop the features with the engine that added them, or copy the table into a new one.",
            )

    def refuse_properties(self, *, removes: bool) -> None:
        """Stops before a publish that the table's own properties forbid.

        Raises:
            StateError: the table is append-only and the publish removes, or its identities would expire.
        """
        properties = self.handle.metadata().configuration
        if "delta.setTransactionRetentionDuration" in properties:
            raise StateError(
                "The table forgets identities after a while (delta.setTransactionRetentionDuration).",
                where=self.where,
                why="a write that is repeated later would be taken for a new one",
                remedy="Unset that property.",
            )
        if removes and properties.get("delta.appendOnly") == "true":
            raise StateError(
                "The table is append-only (delta.appendOnly), and this publish replaces rows.",
                where=self.where,
                remedy="Unset that property, or make the table `kind: append`.",
            )
        if not json.loads(self.handle.schema().to_json())["fields"]:
            raise StorageError("The table has no columns.", where=self.where)
        for column in json.loads(self.handle.schema().to_json())["fields"]:
            if "delta.invariants" in column.get("metadata", {}):
                raise StateError(
                    f"Column {column['name']} has an invariant, which would not be checked here.",
                    where=self.where,
                    remedy="Drop the invariant and write an expectation instead.",
                )
