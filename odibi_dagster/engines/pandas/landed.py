"""Landed files as one relation: nothing guessed, nothing dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from odibi_dagster.engines.landed.columns import LandedColumns, check_folder, refuse_clash
from odibi_dagster.engines.pandas import landed_csv, landed_json, landed_parquet, literal, quote
from odibi_dagster.engines.pandas.failures import translate
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.remote import RemoteTable
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import ResourceError
from odibi_dagster.sql.types import Column, Schema, to_duckdb

_READERS = {"csv": landed_csv, "json": landed_json, "parquet": landed_parquet}


def select(connection: Any, given: Input, *, table: str) -> tuple[str, Schema]:
    """A SELECT over a landed read's files, and its schema.

    The columns are the declared ones in their order, or the files' own; then hive folders that are not
    declared, as STRING; then `_file` (the path relative to the source), `_batch` (only with a batch) and
    `_landed_at`.

    Args:
        connection: the session's connection.
        given: the landed files and where they are.
        table: the table being computed, for messages.

    Raises:
        DataError: a file has other columns or types than declared or than the first file, or there are none.
        duckdb.Error: a file cannot be parsed.
    """
    read = given.read
    assert isinstance(read, Landed)
    columns = LandedColumns.of(read)
    if not given.paths:
        schema = columns.all(columns.declared or ())
        return "SELECT " + ", ".join(_nothing(column) for column in schema) + " WHERE false", schema
    source, found = _READERS[read.format].select(connection, given, columns.wanted, table=table)
    refuse_clash(found, columns.added, read, table=table)
    schema = columns.all(found)
    inner = {column.name for column in columns.folders}
    items = [
        _folder_item(column, table) if column.name in inner else f"s.{quote.name(column.name)}"
        for column in schema[: -len(columns.last)]
    ]
    items += _values(read)
    files = _files(given, [column.name for column in columns.folders])
    return f"SELECT {', '.join(items)} FROM ({source}) AS s JOIN {files} AS f ON s._read = f._read", schema


def _nothing(column: Column) -> str:
    return f"CAST(NULL AS {to_duckdb(column.type)}) AS {quote.name(column.name)}"


def _values(read: Landed) -> list[str]:
    batch = [f"CAST({int(read.batch)} AS BIGINT) AS _batch"] if read.batch is not None else []
    instant = quote.text(read.landed_at.isoformat())
    return ["f._file", *batch, f"CAST({instant} AS TIMESTAMP WITH TIME ZONE) AS _landed_at"]


def _folder_item(column: Column, table: str) -> str:
    check_folder(column, table=table)
    name = quote.name(column.name)
    return f"{literal.strict(f'f.{name}', column.type)} AS {name}"


def _files(given: Input, folders: Sequence[str]) -> str:
    """The files as a small table: the path DuckDB reads, `_file`, and the folders' values."""
    read = given.read
    assert isinstance(read, Landed)
    rows = []
    for path, file in zip(given.paths, read.files, strict=True):
        values = [file.folder_values.get(name) for name in folders]
        texts = [quote.text(path), quote.text(file.path)]
        texts += ["CAST(NULL AS VARCHAR)" if value is None else quote.text(value) for value in values]
        rows.append(f"({', '.join(texts)})")
    names = ", ".join(["_read", "_file", *(quote.name(name) for name in folders)])
    return f"(SELECT * FROM (VALUES {', '.join(rows)}) AS v({names}))"


@contextmanager
def explained(
    doing: str, given: Iterable[Input | RemoteTable], *, table: str, url: str | None = None
) -> Iterator[None]:
    """Like `failures.explained`; when landed files are read, says which file, line and column was to blame.

    Raises:
        DataError: files that cannot be parsed, or a value that is not of its declared type.
    """
    import duckdb

    from odibi_dagster.engines.pandas import diagnose

    try:
        yield
    except (duckdb.Error, OSError) as error:
        told = translate(error, doing, table=table, url=url)
        if not isinstance(told, ResourceError) and not told.what.endswith((" is full.", " is reached.")):
            for one in given:
                if (
                    isinstance(one, Input)
                    and isinstance(one.read, Landed)
                    and (found := diagnose.diagnose(one, table=table))
                ):
                    raise found from error
        raise told from error
