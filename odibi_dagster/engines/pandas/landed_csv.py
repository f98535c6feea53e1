"""CSV files: columns by the header's names, values by their declared types."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.pandas import literal, quote
from odibi_dagster.engines.pandas.difference import difference
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import STRING, Column, Schema

#: What DuckDB reads without an extension.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
}


def select(connection: Any, given: Input, wanted: Schema | None, *, table: str) -> tuple[str, Schema]:
    """A SELECT with the wanted columns and `_read`, DuckDB's path of each row's file, and its schema.

    Every row must have as many values as the header has names. Unquoted nothing is NULL; a quoted empty
    string is an empty string. Files may have the columns in different orders.

    Args:
        connection: the session's connection.
        given: the landed files.
        wanted: the declared columns; None: the header's, all STRING.
        table: the table being computed, for messages.

    Raises:
        DataError: a header that is not the wanted one, or not the first file's; no header; an empty file.
        duckdb.Error: a header cannot be read.
    """
    read = given.read
    assert isinstance(read, Landed)
    if wanted is None and not has_header(read):
        raise DataError(
            f"The CSV files of {read.name} have no header and no declared columns.",
            where=Where(table=table, url=read.url),
            remedy="Declare `columns:`, in the files' order.",
        )
    for column in wanted or ():
        if not literal.readable(column.type):
            raise DataError(
                f"Column {column.name!r} of a CSV file cannot be {column.type}.",
                where=Where(table=table, url=read.url),
                why="text does not say such a value in one way only",
                remedy="Declare it as STRING, and take it apart in silver.",
            )
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    first: tuple[str, ...] | None = None
    for path, file in zip(given.paths, read.files, strict=True):
        names = header(connection, read, path, file.path, wanted, table=table)
        expected = [c.name for c in wanted] if wanted is not None else list(first or names)
        if sorted(names) != sorted(expected) or len(set(names)) != len(names):
            than = "that are declared" if wanted is not None else "of the files before it"
            raise difference(file.path, names, expected, read, table=table, than=than)
        first = first or names
        groups[compression(read, file.path), names].append(path)
    columns = wanted if wanted is not None else tuple(Column(name, STRING) for name in first or ())
    items = [f"{literal.strict(quote.name(c.name), c.type)} AS {quote.name(c.name)}" for c in columns]
    parts = [
        f"SELECT {', '.join(items)}, _read FROM {source(read, names, paths, packed)}"
        for (packed, names), paths in groups.items()
    ]
    return " UNION ALL ".join(parts), columns


def has_header(read: Landed) -> bool:
    """Whether the files' first line names the columns (the default)."""
    return bool(read.options.get("header", True))


def source(
    read: Landed, names: tuple[str, ...], paths: list[str], packed: str, *, ordered: bool = False
) -> str:
    """DuckDB's reader over files with the same header: every value is text, and nothing is forgiven.

    Args:
        read: the landed read, for its options.
        names: the header's names.
        paths: the files.
        packed: their compression.
        ordered: read line after line, on one thread.
    """
    columns = ", ".join(f"{quote.text(name)}: 'VARCHAR'" for name in names)
    options: dict[str, str] = {
        **dialect(read),
        "compression": quote.text(packed),
        "header": str(has_header(read)).lower(),
        "columns": "{" + columns + "}",
        "strict_mode": "true",
        "null_padding": "false",
        "allow_quoted_nulls": "false",
        "hive_partitioning": "false",
        "filename": "'_read'",
    }
    if ordered:
        options["parallel"] = "false"
    listed = ", ".join(f"{key} = {value}" for key, value in options.items())
    return f"read_csv({quote.texts(paths)}, {listed})"


def header(
    connection: Any, read: Landed, path: str, file: str, wanted: Schema | None, *, table: str
) -> tuple[str, ...]:
    """The names in a file's first line, or the declared ones when files have no header.

    Raises:
        DataError: the file is empty.
        duckdb.Error: its bytes cannot be read.
    """
    if not has_header(read):
        assert wanted is not None
        return tuple(column.name for column in wanted)
    found = connection.execute(f"SELECT line FROM {lines(read, path, file)} LIMIT 1").fetchall()
    text = (found[0][0] or "").removeprefix("\ufeff") if found else ""
    if not text.strip():
        raise DataError(
            f"{file} is empty: it has no header.",
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="the first line must name the columns",
            remedy="Let the whole file land again, or set `header: false`.",
        )
    delimiter, quoting = str(read.options.get("delimiter", ",")), str(read.options.get("quote", '"'))
    if len(delimiter) > 1:
        return tuple(part.strip(quoting) if quoting else part for part in text.split(delimiter))
    if not quoting:
        return tuple(text.split(delimiter))
    return tuple(next(csv.reader([text], delimiter=delimiter, quotechar=quoting)))


def lines(read: Landed, path: str, file: str) -> str:
    """A reader that gives a file's lines as they are, in the column `line`, in order.

    Args:
        read: the landed read, for its options.
        path: the file's local path.
        file: its path relative to the source.
    """
    options = {
        "compression": quote.text(compression(read, file)),
        "encoding": dialect(read)["encoding"],
        "auto_detect": "false",
        "header": "false",
        "delim": "'\x01'",
        "quote": "''",
        "escape": "''",
        "columns": "{'line': 'VARCHAR'}",
        "strict_mode": "false",
        "parallel": "false",
        "hive_partitioning": "false",
    }
    return f"read_csv({quote.texts([path])}, {', '.join(f'{k} = {v}' for k, v in options.items())})"


def dialect(read: Landed) -> dict[str, str]:
    """DuckDB's options for how the files are written.

    Raises:
        DataError: an encoding that cannot be read.
    """
    named = str(read.options.get("encoding", "utf-8")).lower()
    if named not in ENCODINGS:
        raise DataError(
            f"The encoding {named!r} of {read.name} cannot be read.",
            where=Where(table=read.name),
            remedy=f"Use one of {', '.join(sorted(set(ENCODINGS.values())))}.",
        )
    quoting = str(read.options.get("quote", '"'))
    return {
        "auto_detect": "false",
        "delim": quote.text(str(read.options.get("delimiter", ","))),
        "quote": quote.text(quoting),
        "escape": quote.text(quoting),
        "encoding": quote.text(ENCODINGS[named]),
    }


def compression(read: Landed, file: str) -> str:
    """A file's compression, in DuckDB's word: as it is declared, else by the file's suffix."""
    declared = read.options.get("compression")
    if declared is not None:
        return str(declared)
    suffixes: Mapping[str, str] = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}
    return next((kind for suffix, kind in suffixes.items() if file.lower().endswith(suffix)), "none")
