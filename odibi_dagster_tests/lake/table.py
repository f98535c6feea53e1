"""One table of a lake on any store: staged by the real engine, read back by delta-rs alone."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltalake import DeltaTable, QueryBuilder

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.protocol import Staged
from odibi_dagster.lake.log import Log, open_log
from odibi_dagster.lake.publish import publish
from odibi_dagster.lake.recognize import Published
from odibi_dagster.lake.write import Write
from odibi_dagster.sql.types import SparkType
from odibi_dagster_tests.services.place import LocalDisk, Place

ENGINE = PandasEngine(memory_limit="500MB", threads=1)


@functools.cache
def stage(sql: str, partition_by: tuple[str, ...]) -> Staged:
    """The real engine's files, made once for all tests that want the same rows: a session costs 0.2 s."""
    folder = tempfile.mkdtemp(prefix="odibi-staged-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with ENGINE.session({}, folder, table="silver.t") as session:
        connection = session.connection
        return session.stage(session.call(lambda: connection.sql(sql)), partition_by)


class Table:
    """`silver.t` below a folder of any store."""

    def __init__(self, root: Place | Path | str, name: str = "silver.t") -> None:
        self.root = root if isinstance(root, Place) else Place(LocalDisk(str(root)), str(root))
        self.name, self.place = name, self.root / name.replace(".", "/")
        self.url = self.place.url

    def stage(self, sql: str, partition_by: Sequence[str] = ()) -> Staged:
        """The rows of a DuckDB SELECT as staged files, in a folder of their own."""
        staged = stage(sql, tuple(partition_by))
        names = {folder: f"staged-{uuid.uuid4()}" for folder in staged.folders}
        files = []
        for file in staged.files:
            folder, _, rest = file.path.partition("/")
            files.append(replace(file, path=f"{names[folder]}/{rest}"))
            self.place.write(files[-1].path, Path(staged.table_url, file.path).read_bytes())
        return replace(staged, table_url=self.url, folders=tuple(names.values()), files=tuple(files))

    def write(
        self, sql: str | None, kind: str = "full", partition_by: Sequence[str] = (), **more: Any
    ) -> Write:
        staged = self.stage(sql, partition_by) if sql is not None else None
        attempt = staged.folders[0] if staged else "attempt"
        return Write(self.name, self.url, kind, staged, more.pop("attempt", attempt), **more)

    def publish(
        self, sql: str | None, kind: str = "full", partition_by: Sequence[str] = (), **more: Any
    ) -> Published:
        return publish(self.write(sql, kind, partition_by, **more))

    def log(self, version: int | None = None) -> Log:
        log = open_log(self.name, self.url, version)
        assert log is not None
        return log

    @property
    def options(self) -> dict[str, str] | None:
        """What delta-rs' own functions must be told to reach the table."""
        return self.place.server.delta_options() or None

    @property
    def delta(self) -> DeltaTable:
        return self.place.delta()

    def rows(self, columns: str = "*", version: int | None = None) -> list[tuple[Any, ...]]:
        """All rows as a sorted list, read without any code under test."""
        return rows(self.place, columns, version)

    @staticmethod
    def entry_path(version: int) -> str:
        return f"_delta_log/{version:020}.json"

    def entry(self, version: int) -> list[dict[str, Any]]:
        """The actions of one commit."""
        return [json.loads(line) for line in self.place.read(self.entry_path(version)).splitlines()]

    def actions(self, version: int, kind: str) -> list[Mapping[str, Any]]:
        return [action[kind] for action in self.entry(version) if kind in action]

    def set_properties(self, properties: dict[str, str]) -> None:
        self.delta.alter.set_table_properties(properties, raise_if_not_exists=False)


def rows(place: Place, columns: str = "*", version: int | None = None) -> list[tuple[Any, ...]]:
    """All rows of the Delta table there, as a sorted list."""
    table = place.delta(version)
    if not table.file_uris():
        return []
    batches = QueryBuilder().register("t", table).execute(f"SELECT {columns} FROM t").read_all()
    names = batches.schema.names
    found = [tuple(row) for row in zip(*(batches[name].to_pylist() for name in names), strict=True)]
    return sorted(found, key=repr)


def declared(**types: SparkType | None) -> dict[str, SparkType | None]:
    return dict(types)
