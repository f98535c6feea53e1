"""What the bytes of a CSV file mean: its options, its header, and which columns it may have."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from odibi_dagster.engines.landed.difference import difference
from odibi_dagster.engines.landed.forms import readable
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Schema

#: What every engine reads without an extension: the word in a table file -> Python's and DuckDB's.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
}
_SUFFIXES: Mapping[str, str] = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}


def has_header(read: Landed) -> bool:
    """Whether the files' first line names the columns (the default)."""
    return bool(read.options.get("header", True))


def delimiter(read: Landed) -> str:
    """What stands between two values."""
    return str(read.options.get("delimiter", ","))


def quoting(read: Landed) -> str:
    """What stands around a value, and doubled for itself inside of it; empty: nothing does."""
    return str(read.options.get("quote", '"'))


def compression(read: Landed, file: str) -> str:
    """A file's compression, "gzip", "zstd" or "none": as it is declared, else by the file's suffix."""
    declared = read.options.get("compression")
    if declared is not None:
        return str(declared)
    return next((kind for suffix, kind in _SUFFIXES.items() if file.lower().endswith(suffix)), "none")


def encoding(read: Landed, *, table: str) -> str:
    """The files' encoding, in Python's word.

    Raises:
        DataError: an encoding that cannot be read.
    """
    named = str(read.options.get("encoding", "utf-8")).lower()
    if named not in ENCODINGS:
        raise DataError(
            f"The encoding {named!r} of {read.name} cannot be read.",
            where=Where(table=table),
            remedy=f"Use one of {', '.join(sorted(set(ENCODINGS.values())))}.",
        )
    return ENCODINGS[named]


def check_declared(read: Landed, wanted: Schema | None, *, table: str) -> None:
    """Refuses declarations by which no CSV file can be read.

    Raises:
        DataError: neither a header nor declared columns, or a type that text does not say.
    """
    if wanted is None and not has_header(read):
        raise DataError(
            f"The CSV files of {read.name} have no header and no declared columns.",
            where=Where(table=table, url=read.url),
            remedy="Declare `columns:`, in the files' order.",
        )
    for column in wanted or ():
        if not readable(column.type):
            raise DataError(
                f"Column {column.name!r} of a CSV file cannot be {column.type}.",
                where=Where(table=table, url=read.url),
                why="text does not say such a value in one way only",
                remedy="Declare it as STRING, and take it apart in silver.",
            )


def names_of(line: str, read: Landed, file: str, *, table: str) -> tuple[str, ...]:
    """The columns that a file's first line names.

    Args:
        line: the line, decoded, without a byte order mark.
        read: what is being read.
        file: the file's path relative to the source.
        table: the table being computed.

    Raises:
        DataError: the line is blank.
    """
    if not line.strip():
        raise DataError(
            f"{file} is empty: it has no header.",
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="the first line must name the columns",
            remedy="Let the whole file land again, or set `header: false`.",
        )
    between, around = delimiter(read), quoting(read)
    if len(between) > 1:
        return tuple(part.strip(around) if around else part for part in line.split(between))
    if not around:
        return tuple(line.split(between))
    return tuple(next(csv.reader([line], delimiter=between, quotechar=around)))


def check_names(
    names: Sequence[str], wanted: Schema | None, first: Sequence[str] | None, read: Landed, file: str,
    *, table: str,
) -> None:  # fmt: skip
    """Refuses a header that does not have exactly the wanted columns, in whatever order.

    Args:
        names: the header's.
        wanted: the declared columns, or None: those of the first file.
        first: the first file's header, or None when this is it.
        read: what is being read.
        file: the file's path relative to the source.
        table: the table being computed.

    Raises:
        DataError: says how it differs.
    """
    expected = [column.name for column in wanted] if wanted is not None else list(first or names)
    if sorted(names) != sorted(expected) or len(set(names)) != len(names):
        than = "that are declared" if wanted is not None else "of the files before it"
        raise difference(file, names, expected, read, table=table, than=than)
