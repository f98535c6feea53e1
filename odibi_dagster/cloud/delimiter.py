"""What stands between the values of a CSV file: its first line tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.errors import DataError, Where

_KNOWN = (",", ";", "\t", "|")


def delimiter(connection: Any, files: Mapping[str, str], where: Where) -> str:
    """The one delimiter of some files: of `,` `;` tab and `|` the most frequent in their headers.

    DuckDB's own guess weighs all lines, and where one has a value too many takes those before it for a
    preface, or all of them for one column.

    Args:
        connection: DuckDB's.
        files: by local path, the file that people know.
        where: for messages.

    Raises:
        DataError: the files have different ones.
        duckdb.Error: a first line cannot be read.
    """
    found: dict[str, str] = {}
    for local, known in files.items():
        line = _first_line(connection, local)
        outside = "".join(line.split('"')[::2])
        found.setdefault(max(_KNOWN, key=outside.count), known)
    if len(found) > 1:
        raise DataError(
            "The CSV files have different delimiters.",
            where=where,
            why=", ".join(f"{known}: {each!r}" for each, known in found.items()),
            remedy="Read them one by one.",
        )
    return next(iter(found))


def _first_line(connection: Any, path: str) -> str:
    options = (
        "auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', "
        "columns = {'line': 'VARCHAR'}, strict_mode = false, parallel = false, hive_partitioning = false"
    )
    rows = connection.execute(
        f"SELECT line FROM read_csv({quote.texts([path])}, {options}) LIMIT 1"
    ).fetchall()
    return str(rows[0][0] or "") if rows else ""
