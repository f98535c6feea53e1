"""A landing layer, a ledger and a bronze table on any store, used as a step uses them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from odibi_dagster.landing.batch import Batch
from odibi_dagster.landing.late import Brought
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.landing.open import open_batch
from odibi_dagster.landing.pending import Pending, pending
from odibi_dagster.landing.record import note
from odibi_dagster.landing.replay import Replayed, replay
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verify import verify
from odibi_dagster_tests.services.place import Place

TABLE = "bronze.orders"
#: For a test that sets files' ages (a store sets them itself), or that counts many and would say the same.
ON_DISK = pytest.mark.parametrize("store", ["local"], indirect=True)
REMOTE = ["azurite", "seaweedfs"]


class Lake:
    """Files under `landing`, the ledger under `checkpoints`, bronze as a Delta table.

    Args:
        place: what is above them, on any store.
        root: a folder of this machine, by which processes tell each other when to begin.
    """

    def __init__(self, place: Place, root: Path) -> None:
        self.place, self.root = place, root
        self.landing, self.checkpoints = f"{place.url}/landing", f"{place.url}/checkpoints"
        self.bronze = place / "bronze/orders"
        self.brought: dict[int, Brought] = {}

    def land(self, path: str, text: str = "x", modified: float | None = None) -> None:
        """A file arrives, whole; `modified` is its age, where the writer can set that: on the local disk."""
        landing = self.place / "landing"
        landing.write(path, text)
        if modified is not None and self.place.server.provider == "local":
            os.utime(f"{landing.url}/{path}", (modified, modified))

    def take(self, path: str) -> None:
        """A landed file is removed."""
        (self.place / "landing").delete(path)

    @property
    def ledger_place(self) -> Place:
        """The ledger's folder."""
        return Place(self.place.server, self.ledger().url)

    def source(self, **options: Any) -> LandingSource:
        return LandingSource(**({"table": TABLE, "url": self.landing, "path": "raw/**"} | options))

    def ledger(self) -> Ledger:
        return Ledger.open(self.checkpoints, TABLE)

    def done(self, app: str) -> int | None:
        """What bronze's newest version says: a `position.Bronze`."""
        return self.bronze.delta().transaction_version(app) if self._has_bronze() else None

    def _has_bronze(self) -> bool:
        return DeltaTable.is_deltatable(self.bronze.url, self.bronze.server.delta_options())

    def open(self, now: datetime | None = None, **options: Any) -> Batch | None:
        asked = (self.source(**options), self.ledger(), self.done, now or datetime.now(UTC))
        return open_batch(*asked, self.brought.get)

    def pending(self, now: datetime | None = None, **options: Any) -> Pending:
        asked = (self.source(**options), self.ledger(), self.done, now or datetime.now(UTC))
        return pending(*asked, committed=self.brought.get)

    def replay(self, **wanted: Any) -> Replayed:
        asked = (self.source(), self.ledger(), self.done, datetime.now(UTC))
        return replay(*asked, **wanted, committed=self.brought.get)

    def publish(self, batch: Batch) -> bool:
        """Bring a batch to bronze under compare-and-swap; False if it is there already."""
        from arro3.core import Array, DataType, Schema, Table

        paths = [file.path for file in batch.files]
        schema = Schema.from_arrow(
            Table.from_pydict(
                {"_file": Array([""], DataType.string()), "_batch": Array([1], DataType.int64())}
            ).schema
        )
        for _ in range(100):
            if not self._has_bronze():
                options = self.bronze.server.delta_options() or None
                try:
                    DeltaTable.create(self.bronze.url, schema, storage_options=options)
                except DeltaError:
                    continue
            handle = self.bronze.delta()
            if (handle.transaction_version(batch.ledger.app()) or 0) >= batch.number:
                return False
            rows = Table.from_pydict(
                {
                    "_file": Array(paths, DataType.string()),
                    "_batch": Array([batch.number] * len(paths), DataType.int64()),
                }
            )
            properties = CommitProperties(
                max_commit_retries=0,
                app_transactions=[Transaction(app, number) for app, number in batch.transactions.items()],
            )
            try:
                write_deltalake(handle, rows, mode="append", commit_properties=properties)
            except CommitFailedError:
                continue
            return True
        raise AssertionError("100 conflicts")

    def run(self, **options: Any) -> Batch | None:
        """One whole step: open, look before and after reading, note, publish."""
        batch = self.open(**options)
        if batch is not None:
            batch = note(batch, verify(self.landing, batch.files))
            self.publish(batch)
        return batch

    def rows(self) -> list[tuple[str, int]]:
        """Bronze's rows (file, batch), sorted."""
        if not self._has_bronze():
            return []
        found = QueryBuilder().register("b", self.bronze.delta()).execute("SELECT * FROM b").read_all()
        return sorted(zip(found["_file"].to_pylist(), found["_batch"].to_pylist(), strict=True))


def paths(batch: Batch | None) -> list[str]:
    """The batch's paths, sorted."""
    assert batch is not None
    return sorted(file.path for file in batch.files)
