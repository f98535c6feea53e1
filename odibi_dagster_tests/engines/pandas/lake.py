"""Real Delta tables for tests of the engine, made of what it staged."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deltalake import DeltaTable, Field, QueryBuilder
from deltalake import Schema as DeltaSchema
from deltalake.transaction import AddAction, create_table_with_add_actions

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.protocol import DataFile, Landed, LandedFile, Staged, TableFiles
from odibi_dagster.sql.types import Schema, to_delta

NOW = datetime(2024, 5, 17, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass
class Lake:
    """Tables below one folder."""

    root: Path
    engine: PandasEngine
    storage_options: dict[str, str] | None = None

    def url(self, name: str) -> str:
        return str(self.root / name.replace(".", "/"))

    def session(self, reads: dict[str, Any] | None = None, table: str = "silver.out") -> Any:
        return self.engine.session(reads or {}, self.url(table), table=table)

    def stage(self, sql: str, partition_by: tuple[str, ...] = (), table: str = "silver.out") -> Staged:
        """Stages the rows of some DuckDB SQL."""
        with self.session(table=table) as session:
            relation = session.call(lambda: session.connection.sql(sql))
            staged: Staged = session.stage(relation, partition_by)
            session.upload(staged)
            return staged

    def publish(self, staged: Staged) -> DeltaTable:
        """Commits staged files as a new table, as the lake does."""
        create_table_with_add_actions(
            staged.table_url,
            delta_schema(staged.schema),
            [
                AddAction(
                    f.path,
                    f.size,
                    dict(f.partition),
                    int(time.time() * 1000),
                    True,
                    json.dumps(f.stats, ensure_ascii=False),
                )
                for f in staged.files
            ],
            "error",
            list(staged.partition_by),
            storage_options=self.storage_options,
        )
        return DeltaTable(staged.table_url, storage_options=self.storage_options)

    def files(self, staged: Staged, name: str = "silver.out") -> TableFiles:
        """The version that `publish` made, as the lake would hand it to a step."""
        return TableFiles(name, staged.table_url, 0, staged.schema, staged.partition_by, staged.files)

    def rows(self, files: TableFiles) -> list[tuple[Any, ...]]:
        """The table's rows through a session."""
        with self.session({files.name: files}, table="gold.reader") as session:
            return session.read(files.name).native.fetchall()

    def landed(self, files: dict[str, bytes | str], format: str, **more: Any) -> Landed:
        """Writes landed files and names them."""
        home = self.root / "landing"
        listed = []
        for name, data in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
            listed.append(landed_file(home, name))
        defaults: dict[str, Any] = {"options": {}, "schema": None, "batch": None, "landed_at": NOW}
        return Landed("bronze.orders", str(home), tuple(listed), format, **{**defaults, **more})  # type: ignore[arg-type]

    def take(self, landed: Landed) -> list[tuple[Any, ...]]:
        """The landed rows through a session, sorted."""
        with self.session({"bronze.orders": landed}, table="bronze.orders") as session:
            staged = session.stage(session.read("bronze.orders"))
            columns = ", ".join(f'"{column.name}"' for column in staged.schema)
            return session.query(f"SELECT {columns} FROM t ORDER BY ALL", {"t": session.staged(staged)})


def landed_file(home: Path, name: str) -> LandedFile:
    stat = (home / name).stat()
    folders = [part.partition("=") for part in name.split("/")[:-1] if "=" in part]
    return LandedFile(
        name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), None, {k: v for k, _, v in folders}
    )


def delta_schema(schema: Schema) -> DeltaSchema:
    fields = [
        {"name": c.name, "type": to_delta(c.type), "nullable": c.nullable, "metadata": {}} for c in schema
    ]
    return DeltaSchema([Field.from_json(json.dumps(field)) for field in fields])


def ask(table: DeltaTable, sql: str) -> list[dict[str, Any]]:
    """The rows of a query that delta-rs answers itself; the table is `t`."""
    found = QueryBuilder().register("t", table).execute(sql).read_all()
    return [dict(zip(found.column_names, row, strict=True)) for row in zip(*_columns(found), strict=True)]


def _columns(found: Any) -> list[list[Any]]:
    return [[value.as_py() for value in found[name]] for name in found.column_names]


__all__ = ["NOW", "DataFile", "Lake", "ask", "delta_schema", "landed_file"]
