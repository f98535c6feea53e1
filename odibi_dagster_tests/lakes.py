"""Lakes for tests: their own landing files, tables and Dagster home; commands run as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from odibi_dagster.home import ensure_home


@dataclass(frozen=True)
class Lake:
    """One lake below `root`: `lake/`, `home/`, and perhaps `tables/`."""

    root: Path
    tables: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.root / "lake"

    @property
    def landing(self) -> Path:
        return self.path / "landing"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def env(self) -> dict[str, str]:
        env = {
            **os.environ,
            "ODIBI_LAKE": str(self.path),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
        }
        if self.tables:
            env["ODIBI_TABLES"] = str(self.tables)
        return {**env, **self.variables}

    def run(self, *command: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        """A console script of the environment, such as `run("dagster", "asset", "materialize", …)`."""
        ensure_home(self.home)
        script = Path(sys.executable).parent / command[0]
        done = subprocess.run(
            [str(script), *command[1:]],
            **{
                "env": self.env,
                "cwd": self.root,
                "capture_output": True,
                "text": True,
                "timeout": 300,
                **options,
            },
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command} -> {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
            )
        return done

    def materialize(self, select: str = "*", *more: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.run(
            "dagster",
            "asset",
            "materialize",
            "-m",
            "odibi_dagster.definitions",
            "--select",
            select,
            *more,
            **options,
        )

    def table(self, key: str) -> DeltaTable:
        return DeltaTable(str(self.path.joinpath(*key.split("."))))

    def rows(self, key: str) -> list[dict[str, Any]]:
        """The published rows as plain Python values, read by delta-rs and not by the engine under test."""
        return list(rows_of(self.table(key)))

    def columns(self, key: str) -> dict[str, str]:
        """Column name to the Delta type in the table's log."""
        return {field.name: field.type.type for field in self.table(key).schema().fields}  # type: ignore[union-attr]


def rows_of(table: DeltaTable) -> Iterator[dict[str, Any]]:
    from deltalake import QueryBuilder

    result = QueryBuilder().register("t", table).execute("SELECT * FROM t").read_all()
    names = result.schema.names
    columns = [result[name].to_pylist() for name in names]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))
