"""Which landed files cannot be parsed: each one tried alone, to its end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from odibi_dagster.engines.landed.columns import LandedColumns
from odibi_dagster.engines.landed.csv_files import compression, has_header
from odibi_dagster.engines.pandas import landed_csv, landed_json, landed_parquet, quote
from odibi_dagster.engines.pandas.failures import plain
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.protocol import Landed, LandedFile
from odibi_dagster.errors import DataError

#: Landed files, each with the path by which DuckDB reads it while it is looked at; None: it is not there.
Here = Iterator[tuple[str | None, LandedFile]]
_CSV = re.compile(r"CSV Error on Line: (\d+)\n(?:Original Line: (.*?)\n)?(.*)", re.DOTALL)


def unreadable(read: Landed, files: Here) -> Mapping[str, str]:
    """The files whose bytes cannot be parsed, and why; the values' types are not looked at.

    A connection of its own reads them, on one thread, so that lines can be counted; no SQL of a user runs
    on it.

    Args:
        read: a landed read.
        files: its files, and where each is on this machine.

    Returns:
        path relative to the source -> the reason.
    """
    import duckdb

    reasons = {}
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for path, file in files:
            # Gone, or changed before it was fetched: nothing that can be read, and not for its own fault.
            reason = why(connection, read, path, file) if path is not None else None
            if reason is not None:
                reasons[file.path] = reason
    return reasons


def here(given: Input) -> Here:
    """An input's landed files, and where each is on this machine."""
    assert isinstance(given.read, Landed)
    for path, file in zip(given.paths, given.read.files, strict=True):
        yield path if os.path.exists(path) else None, file


def why(connection: Any, read: Landed, path: str, file: LandedFile) -> str | None:
    """Why one file cannot be parsed, or None if it can."""
    import duckdb

    try:
        if read.format == "parquet":
            _parquet(connection, path)
        elif read.format == "csv":
            _csv(connection, read, path, file)
        else:
            return _json(connection, read, path, file)
    except DataError as error:
        return f"{error.what} {error.why}"
    except duckdb.Error as error:
        return _reason(error)
    return None


def _parquet(connection: Any, path: str) -> None:
    connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {landed_parquet.source([path], named=False)}")


def _csv(connection: Any, read: Landed, path: str, file: LandedFile) -> None:
    wanted = LandedColumns.of(read).wanted
    if wanted is None and not has_header(read):
        return
    names = landed_csv.header(connection, read, path, file.path, wanted, table=read.name)
    # Doubled names are another schema, no broken file: here they only have to be told apart.
    numbered = tuple(f"{number}" for number in range(len(names)))
    source = landed_csv.source(read, numbered, [path], compression(read, file.path))
    connection.execute(f"SELECT bit_xor(hash(COLUMNS(* EXCLUDE (_read)))) FROM {source}")


def _json(connection: Any, read: Landed, path: str, file: LandedFile) -> str | None:
    import duckdb

    keys = "json_keys(json)"
    try:
        broken = connection.execute(
            f"SELECT count(*) FROM {landed_json.source(read, {path: file.path})} "
            f"WHERE json_type(json) <> 'OBJECT' OR len({keys}) <> len(list_distinct({keys}))"
        ).fetchall()[0][0]
        if not broken:
            return None
    except duckdb.Error as error:
        reason = _reason(error)
    else:
        reason = "a line is no object, or holds a field twice"
    return _bad_line(connection, read, path, file.path) or reason


def _bad_line(connection: Any, read: Landed, path: str, file: str) -> str | None:
    """The first line that is no object, by its number; None when not even lines can be read."""
    import duckdb

    numbered = f"SELECT row_number() OVER () AS n, line FROM {landed_csv.lines(read, path, file)}"
    bad = (
        "CASE WHEN line IS NULL OR trim(line) = '' THEN false WHEN NOT json_valid(line) THEN true "
        "ELSE json_type(line) <> 'OBJECT' OR len(json_keys(line)) <> len(list_distinct(json_keys(line))) END"
    )
    try:
        found = connection.execute(
            f"SELECT n, line, json_valid(line) FROM ({numbered}) WHERE {bad} LIMIT 1"
        ).fetchall()
    except duckdb.Error:
        return None
    if not found:
        return None
    number, line, valid = found[0]
    what = "is no object, or holds a field twice" if valid else "is no JSON"
    return f"line {number} {what}: {_short(line)}"


def _reason(error: Exception) -> str:
    match = _CSV.match(str(error).removeprefix("Invalid Input Error: "))
    if match is None:
        return plain(error).removeprefix("Invalid Input Error: ").removeprefix("IO Error: ")
    told = match[3].partition("Possible")[0].strip().replace("\n", ", ")
    return f"line {match[1]}: {told}" + (f": {_short(match[2])}" if match[2] else "")


def _short(text: str) -> str:
    return quote.text(text if len(text) <= 120 else text[:117] + "...")
