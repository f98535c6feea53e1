"""CSV files: columns by the header's names, values by their declared types."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from odibi_dagster.engines.landed.csv_files import (
    check_declared,
    check_names,
    compression,
    delimiter,
    encoding,
    has_header,
    names_of,
    quoting,
)
from odibi_dagster.engines.pandas import literal, quote
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.sql.types import STRING, Column, Schema


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
    check_declared(read, wanted, table=table)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    first: tuple[str, ...] | None = None
    for path, file in zip(given.paths, read.files, strict=True):
        names = header(connection, read, path, file.path, wanted, table=table)
        check_names(names, wanted, first, read, file.path, table=table)
        first = first or names
        groups[compression(read, file.path), names].append(path)
    columns = wanted if wanted is not None else tuple(Column(name, STRING) for name in first or ())
    items = [f"{literal.strict(quote.name(c.name), c.type)} AS {quote.name(c.name)}" for c in columns]
    parts = [
        f"SELECT {', '.join(items)}, _read FROM {source(read, names, paths, packed)}"
        for (packed, names), paths in groups.items()
    ]
    return " UNION ALL ".join(parts), columns


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
    return names_of(text, read, file, table=table)


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
    return {
        "auto_detect": "false",
        "delim": quote.text(delimiter(read)),
        "quote": quote.text(quoting(read)),
        "escape": quote.text(quoting(read)),
        "encoding": quote.text(encoding(read, table=read.name)),
    }
