"""One landing file, written once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from odibi_dagster.errors import ConfigError, StorageError, Where

if TYPE_CHECKING:
    import duckdb

_KEY = "odibi_demo"


def write_once(connection: duckdb.DuckDBPyConnection, query: str, path: Path, recipe: str) -> Path:
    """Write the query's rows to a Parquet file, unless it is there.

    The recipe, which says everything the content depends on, is kept in the file's own metadata: that is how
    a file with the same content is recognized without reading or making its rows. The file appears under its
    name only when it is complete; until then it has a name that landing does not take for an arrival.

    Raises:
        ConfigError: the file is there and was not made by this recipe.
        StorageError: it cannot be written.
    """
    import duckdb

    if path.exists():
        _must_be(connection, path, recipe)
        return path
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"COPY ({query}) TO {_text(str(unfinished))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{_KEY}: {_text(recipe)}}})"
        )
        unfinished.rename(path)
    except (OSError, duckdb.IOException) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise StorageError(
            "A demo file cannot be written.",
            where=Where(file=str(path)),
            why=str(error),
            remedy="Give a folder that can be written to, on a disk with room.",
        ) from error
    return path


def _must_be(connection: duckdb.DuckDBPyConnection, path: Path, recipe: str) -> None:
    import duckdb

    try:
        found = connection.execute(
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE key = encode(?)", [str(path), _KEY]
        ).fetchone()
    except duckdb.Error:
        found = None
    if found == (recipe,):
        return
    raise ConfigError(
        "A file with other content has this name already; it was left as it is.",
        where=Where(file=str(path)),
        why=f"It was made by {found[0]!r}, not by {recipe!r}." if found else "It is no file of the demo.",
        remedy="Use the same numbers as before, another landing folder, or remove the file first.",
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
