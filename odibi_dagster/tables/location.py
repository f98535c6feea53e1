"""No two tables share a place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.tables.spec import TableSpec


def check_locations(specs: Iterable[TableSpec]) -> list[ConfigError]:
    """An error for each `location` that lies at, in or around the `location` of another table.

    Each would find the other's files among its own, and take them for remains of a crash.
    """
    placed = [(_path(spec.location), spec) for spec in specs if spec.location]
    placed.sort(key=lambda pair: (pair[0], pair[1].key))
    errors = []
    for at, (path, spec) in enumerate(placed):
        for outer, other in placed[:at]:
            if path == outer or path.startswith(outer.rstrip("/") + "/"):
                errors.append(
                    ConfigError(
                        f"The location of this table is taken by {other.key}.",
                        where=Where(spec.key, str(spec.file)),
                        why=f"{spec.location} lies in {other.location}.",
                        remedy="Give each table a folder of its own.",
                    )
                )
    return errors


def _path(location: str) -> str:
    return posixpath.normpath("/" + location.removeprefix("file://").lstrip("/"))
