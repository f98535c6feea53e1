"""A landing layer, a ledger and a bronze table in a temporary folder, used as a step uses them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from odibi_dagster.landing.batch import Batch
from odibi_dagster.landing.ledger import Ledger
from odibi_dagster.landing.open import open_batch
from odibi_dagster.landing.pending import Pending, pending
from odibi_dagster.landing.record import note
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.landing.verify import verify

TABLE = "bronze.orders"


class Lake:
    """Files under `<root>/landing`, the ledger under `<root>/checkpoints`, bronze as a Delta table."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.landing, self.checkpoints = str(root / "landing"), str(root / "checkpoints")
        self.bronze_url = str(root / "bronze" / "orders")

    def land(self, path: str, text: str = "x", modified: float | None = None) -> Path:
        file = Path(self.landing) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if modified is not None:
            os.utime(file, (modified, modified))
        return file

    def source(self, **options: Any) -> LandingSource:
        return LandingSource(**({"table": TABLE, "url": self.landing, "path": "raw/**"} | options))

    def ledger(self) -> Ledger:
        return Ledger.open(self.checkpoints, TABLE)

    def done(self, app: str) -> int | None:
        """What bronze's newest version says: a `position.Bronze`."""
        if not DeltaTable.is_deltatable(self.bronze_url):
            return None
        return DeltaTable(self.bronze_url).transaction_version(app)

    def open(self, now: datetime | None = None, **options: Any) -> Batch | None:
        return open_batch(self.source(**options), self.ledger(), self.done, now or datetime.now(UTC))

    def pending(self, now: datetime | None = None, **options: Any) -> Pending:
        return pending(self.source(**options), self.ledger(), self.done, now or datetime.now(UTC))

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
            if not DeltaTable.is_deltatable(self.bronze_url):
                try:
                    DeltaTable.create(self.bronze_url, schema)
                except DeltaError:
                    continue
            handle = DeltaTable(self.bronze_url)
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
        if not DeltaTable.is_deltatable(self.bronze_url):
            return []
        found = (
            QueryBuilder().register("b", DeltaTable(self.bronze_url)).execute("SELECT * FROM b").read_all()
        )
        return sorted(zip(found["_file"].to_pylist(), found["_batch"].to_pylist(), strict=True))


def paths(batch: Batch | None) -> list[str]:
    """The batch's paths, sorted."""
    assert batch is not None
    return sorted(file.path for file in batch.files)
