"""The ledger: a source's batches, as events in a Delta table of the checkpoints layer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import OdibiError, StateError, Where
from odibi_dagster.landing.events import COLUMNS, DEFINITION, OPENED
from odibi_dagster.landing.ledger_failures import explained
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import location_of, store_of

if TYPE_CHECKING:
    from deltalake import CommitProperties, DeltaTable
    from duckdb import DuckDBPyConnection

#: The format that this code reads and writes; a ledger of a newer one is refused.
FORMAT = 1
_FORMAT_KEY = "odibi.format"


class Conflict(Exception):
    """Somebody else committed to the ledger first; nothing was written."""


class Ledger:
    """A source's ledger, seen at one version until `reload`.

    Every write is compare-and-swap on that version: it is refused as soon as anybody else has written.
    Nothing is created before `create`.

    Args:
        url: the Delta table's URL.
        table: the table whose batches it holds, "bronze.orders".
    """

    def __init__(self, url: str, table: str) -> None:
        self.url, self.table = url, table
        self.handle: DeltaTable | None = None

    @classmethod
    def at(cls, checkpoints_url: str, table: str) -> Ledger:
        """A table's ledger that has not been looked at yet, for whoever begins with `reload`."""
        return cls(str(location_of(checkpoints_url).join("ledger", table)), table)

    @classmethod
    def open(cls, checkpoints_url: str, table: str) -> Ledger:
        """The newest version of a table's ledger; a missing one is `exists == False`, not an error.

        Args:
            checkpoints_url: the checkpoints layer's URL.
            table: "bronze.orders".

        Raises:
            StateError: there is something else at that place, or a newer format.
            StorageError, TransientError: the store refused or did not answer.
        """
        ledger = cls.at(checkpoints_url, table)
        ledger.reload()
        return ledger

    @property
    def where(self) -> Where:
        """The place for messages."""
        return Where(table=self.table, url=self.url)

    @property
    def options(self) -> dict[str, str]:
        """delta-rs' `storage_options`, with secrets resolved now."""
        return store_of(self.url).delta_options()

    @property
    def exists(self) -> bool:
        """Whether there was a ledger when it was last looked at."""
        return self.handle is not None

    @property
    def id(self) -> str | None:
        """The Delta metadata id: another one means another ledger. None without a ledger."""
        return None if self.handle is None else str(self.handle.metadata().id)

    @property
    def version(self) -> int:
        """The version that reads see and that writes expect; -1 without a ledger."""
        return -1 if self.handle is None else int(self.handle.version())

    @property
    def last(self) -> int:
        """The number of the newest batch; 0 without any."""
        if self.handle is None:
            return 0
        with explained(self.where):
            rows = self.query(f"SELECT max(batch) AS last FROM ledger WHERE state = '{OPENED}'").read_all()
        return rows["last"].to_pylist()[0] or 0

    def reload(self) -> None:
        """See the newest version.

        Raises:
            StateError: there is something else at that place, or a newer format.
            StorageError, TransientError: the store refused or did not answer.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        self.handle, objects = None, open_objects(self.url)
        if not objects.remote and objects.empty("_delta_log"):
            return
        with explained(self.where):
            try:
                handle = DeltaTable(self.url, storage_options=self.options)
            except TableNotFoundError:
                if objects.remote:
                    # delta-rs says the same of a bucket that is missing; this raises.
                    objects.empty("_delta_log")
                return
        found = handle.metadata().configuration.get(_FORMAT_KEY)
        if found is None or not found.isdigit() or int(found) > FORMAT:
            raise StateError(
                "The ledger cannot be understood.",
                where=self.where,
                why=f"its format is {found or 'not given'}; this odibi_dagster knows formats up to {FORMAT}",
                remedy="Run the version of odibi_dagster that wrote it."
                if found
                else "Move what lies there elsewhere: it is not a ledger.",
            )
        self.handle = handle

    def create(self) -> None:
        """Make an empty ledger and see it as it was made: whoever has opened a batch in it since is noticed.

        Raises:
            Conflict: somebody else has made it at the same time.
            StorageError, TransientError: the store refused or did not answer.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import CommitFailedError

        from odibi_dagster.landing.discover import connect

        with connect() as connection:
            connection.execute(f"CREATE TABLE ledger({DEFINITION})")
            schema = _stream(connection.table("ledger")).schema
        try:
            with explained(self.where):
                made = DeltaTable.create(
                    self.url,
                    schema,
                    name=self.table,
                    description="odibi_dagster: which landed files went into which batch",
                    # Checkpoints come often because a ledger is opened far more often than written.
                    configuration={_FORMAT_KEY: str(FORMAT), "delta.checkpointInterval": "20"},
                    storage_options=self.options,
                    raise_if_key_not_exists=False,
                    commit_properties=commit_properties(),
                )
        except CommitFailedError as error:
            raise Conflict(str(error)) from error
        except OdibiError as error:
            if "already exists" in str(error.__cause__):
                raise Conflict(str(error.__cause__)) from error
            raise
        # Not the newest version: what is appended next was chosen without the events that it may hold.
        if made.version() != 0:
            raise Conflict("others have opened batches in it already")
        self.handle = made

    def load(self, connection: DuckDBPyConnection, batch: int | None = None) -> None:
        """Put the events into the table `ledger` of a connection: all, or those of one batch.

        Raises:
            StateError, StorageError, TransientError: the data could not be read.
        """
        connection.execute(f"CREATE TABLE ledger({DEFINITION})")
        if self.handle is None:
            return
        only = "" if batch is None else f" WHERE batch = {int(batch)}"
        with explained(self.where):
            events = self.query(f"SELECT {', '.join(COLUMNS)} FROM ledger{only}")
            connection.from_arrow(events).insert_into("ledger")

    def append(self, connection: DuckDBPyConnection, events: str) -> None:
        """Write events in one commit, if nobody else has written since this version was read.

        Args:
            connection: where the events are; an arrow stream is drawn from it, so millions are no burden.
            events: a table or view with the ledger's columns.

        Raises:
            Conflict: somebody else has written; nothing was.
            StorageError, TransientError: the store refused or did not answer.
        """
        from deltalake import write_deltalake
        from deltalake.exceptions import CommitFailedError

        if self.handle is None:
            raise Conflict("the ledger is missing")
        rows = _stream(connection.sql(f"SELECT {', '.join(COLUMNS)} FROM {events}"))
        try:
            with explained(self.where):
                write_deltalake(self.handle, rows, mode="append", commit_properties=commit_properties())
        except CommitFailedError as error:
            raise Conflict(str(error)) from error

    def app(self) -> str:
        """The application id under which bronze keeps the number of the last batch it holds."""
        return f"odibi/batch/{self.id}"

    def fingerprint(self) -> int:
        """A positive number for this ledger's id: bronze keeps it under `LEDGER_APP`."""
        return int.from_bytes(hashlib.sha256(str(self.id).encode()).digest()[:8], "big") >> 1

    def query(self, sql: str) -> Any:
        """An Arrow stream of a query over the table `ledger`, at the version that is seen."""
        from deltalake import QueryBuilder

        assert self.handle is not None
        with explained(self.where):
            return QueryBuilder().register("ledger", self.handle).execute(sql)


#: The application id under which bronze keeps its ledger's fingerprint, so that a ledger that was replaced
#: by hand is noticed (an unknown `Ledger.app` alone would look like a table without batches).
LEDGER_APP = "odibi/ledger"


def commit_properties() -> CommitProperties:
    """What every commit to a ledger carries: compare-and-swap and the format."""
    from deltalake import CommitProperties

    # No retries: the library's own would write on top of what another process has just written.
    return CommitProperties(max_commit_retries=0, custom_metadata={_FORMAT_KEY: str(FORMAT)})


def _stream(relation: Any) -> Any:
    from arro3.core import RecordBatchReader

    return RecordBatchReader.from_stream(relation)
