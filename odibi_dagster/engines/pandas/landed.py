"""Landed files as one relation: nothing guessed, nothing dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from odibi_dagster.engines.pandas import landed_csv, landed_json, landed_parquet, literal, quote
from odibi_dagster.engines.pandas.failures import translate
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.remote import RemoteTable
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed
from odibi_dagster.errors import DataError, ResourceError, Where
from odibi_dagster.sql.types import BIGINT, STRING, TIMESTAMP, Column, Schema, to_duckdb

_READERS = {"csv": landed_csv, "json": landed_json, "parquet": landed_parquet}


@dataclass(frozen=True)
class _Folders:
    """Hive folders of the files' paths: their columns, in order of first appearance."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, read: Landed) -> _Folders:
        return cls(tuple(dict.fromkeys(name for file in read.files for name in file.folder_values)))


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
    folders = _Folders.of(read)
    added = {*LANDED_COLUMNS, *folders.names}
    declared = None if read.schema is None else tuple(c for c in read.schema if c.name not in LANDED_COLUMNS)
    wanted = None if declared is None else tuple(c for c in declared if c.name not in added)
    if not given.paths:
        schema = (*(declared or ()), *_extra(read, folders, declared))
        return "SELECT " + ", ".join(_nothing(column) for column in schema) + " WHERE false", schema
    source, found = _READERS[read.format].select(connection, given, wanted, table=table)
    _refuse_clash(found, added, read, table)
    types = {column.name: column for column in (declared or ())}
    items, schema_list = [], []
    folder_columns = {name: types.get(name, Column(name, STRING)) for name in folders.names}
    base = {column.name: column for column in found}
    for column in declared if declared is not None else found:
        if column.name in folder_columns:
            items.append(_folder_item(column, table))
        else:
            items.append(f"s.{quote.name(column.name)}")
        schema_list.append(base.get(column.name, column))
    for name, column in folder_columns.items():
        if name not in types:
            items.append(_folder_item(column, table))
            schema_list.append(column)
    extra = _extra(read, folders, declared)[-(2 if read.batch is None else 3) :]
    items += _values(read)
    schema = (*schema_list, *extra)
    files = _files(given, folders)
    return f"SELECT {', '.join(items)} FROM ({source}) AS s JOIN {files} AS f ON s._read = f._read", schema


def _nothing(column: Column) -> str:
    return f"CAST(NULL AS {to_duckdb(column.type)}) AS {quote.name(column.name)}"


def _extra(read: Landed, folders: _Folders, declared: Schema | None) -> Schema:
    known = {column.name for column in declared or ()}
    columns = [Column(name, STRING) for name in folders.names if name not in known]
    columns.append(Column("_file", STRING, nullable=False))
    if read.batch is not None:
        columns.append(Column("_batch", BIGINT, nullable=False))
    return (*columns, Column("_landed_at", TIMESTAMP, nullable=False))


def _values(read: Landed) -> list[str]:
    batch = [f"CAST({int(read.batch)} AS BIGINT) AS _batch"] if read.batch is not None else []
    instant = quote.text(read.landed_at.isoformat())
    return ["f._file", *batch, f"CAST({instant} AS TIMESTAMP WITH TIME ZONE) AS _landed_at"]


def _folder_item(column: Column, table: str) -> str:
    if not literal.readable(column.type):
        raise DataError(
            f"The folder column {column.name!r} cannot be {column.type}.",
            where=Where(table=table),
            remedy="Declare it as a string, a number, a date or a timestamp.",
        )
    name = quote.name(column.name)
    return f"{literal.strict(f'f.{name}', column.type)} AS {name}"


def _files(given: Input, folders: _Folders) -> str:
    """The files as a small table: the path DuckDB reads, `_file`, and the folders' values."""
    read = given.read
    assert isinstance(read, Landed)
    rows = []
    for path, file in zip(given.paths, read.files, strict=True):
        values = [file.folder_values.get(name) for name in folders.names]
        texts = [quote.text(path), quote.text(file.path)]
        texts += ["CAST(NULL AS VARCHAR)" if value is None else quote.text(value) for value in values]
        rows.append(f"({', '.join(texts)})")
    names = ", ".join(["_read", "_file", *(quote.name(name) for name in folders.names)])
    return f"(SELECT * FROM (VALUES {', '.join(rows)}) AS v({names}))"


def _refuse_clash(found: Schema, added: set[str], read: Landed, table: str) -> None:
    clash = [column.name for column in found if column.name in added]
    if clash:
        raise DataError(
            f"The files of {read.name} have columns that are added to them: {', '.join(clash)}.",
            where=Where(table=table, url=read.url),
            why=f"{', '.join(LANDED_COLUMNS)} and hive folders (name=value) become columns of their own",
            remedy="Rename the columns in the files, or the folders.",
        )


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
