"""What was wrong with landed files: asked after a failure, answered with file, line and column."""

from __future__ import annotations

import datetime
import decimal
import json
import re
from typing import Any

from odibi_dagster.engines.landed.broken import broken
from odibi_dagster.engines.landed.csv_files import compression, has_header
from odibi_dagster.engines.pandas import landed_csv, literal, quote
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.unreadable import here, unreadable
from odibi_dagster.engines.protocol import LANDED_COLUMNS, Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import BOOLEAN, DATE, INTEGRAL, TIMESTAMP, TIMESTAMP_NTZ, Column, Decimal, Schema

_BITS = {"tinyint": 7, "smallint": 15, "int": 31, "bigint": 63}


def diagnose(given: Input, *, table: str) -> DataError | None:
    """The error that says which file, line and column a failure came from, or None if it was none of them.

    Reads the files again, line after line; only called when something failed.

    Args:
        given: a landed read.
        table: the table being computed.
    """
    import duckdb

    read = given.read
    assert isinstance(read, Landed)
    reasons = unreadable(read, here(given))
    if reasons:
        return broken(read, reasons, table=table)
    try:
        return _values(given, read, table)
    except duckdb.Error:
        return None


def _values(given: Input, read: Landed, table: str) -> DataError | None:
    import duckdb

    added = {*LANDED_COLUMNS, *(name for file in read.files for name in file.folder_values)}
    for file in read.files:
        for column in read.schema or ():
            text = file.folder_values.get(column.name)
            if text is not None and _refuses(text, column):
                return _error(f"{text!r} in its folder's name", column, file.path, None, read, table)
    wanted = tuple(c for c in read.schema or () if c.name not in added)
    if not wanted or read.format == "parquet":
        return None
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for path, file in zip(given.paths, read.files, strict=True):
            find = _csv_value if read.format == "csv" else _json_value
            found = find(connection, read, path, file.path, wanted, table)
            if found is not None:
                value, column, line = found
                return _error(value, column, file.path, line, read, table)
    return None


def _error(value: str, column: Column, file: str, line: int | None, read: Landed, table: str) -> DataError:
    place = f"{file}, line {line}" if line is not None else file
    return DataError(
        f"{place}: column {column.name!r} is declared {column.type}, and holds {value}.",
        where=Where(table=table, url=f"{read.url}/{file}"),
        why="no value is rounded, cut or guessed",
        remedy=f"Correct the file and let it land again, or declare {column.name!r} wider or as STRING.",
    )


def _csv_value(
    connection: Any, read: Landed, path: str, file: str, wanted: Schema, table: str
) -> tuple[str, Column, int] | None:
    names = landed_csv.header(connection, read, path, file, wanted, table=table)
    source = landed_csv.source(read, names, [path], compression(read, file), ordered=True)
    breaks = " + ".join(
        f"coalesce(len({quote.name(n)}) - len(replace({quote.name(n)}, chr(10), '')), 0)" for n in names
    )
    first = 2 if has_header(read) else 1
    lines = (
        f"SELECT *, row_number() OVER () - 1 + {first} + coalesce(sum({breaks}) OVER "
        f"(ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS _line FROM {source}"
    )
    tests = [literal.refused(quote.name(column.name), column.type) for column in wanted]
    items = ", ".join([*tests, *(quote.name(column.name) for column in wanted), "CAST(_line AS BIGINT)"])
    found = connection.execute(f"SELECT {items} FROM ({lines}) WHERE {' OR '.join(tests)} LIMIT 1").fetchall()
    if not found:
        return None
    row = found[0]
    at = next(number for number in range(len(wanted)) if row[number])
    return repr(row[len(wanted) + at]), wanted[at], row[-1]


def _json_value(
    connection: Any, read: Landed, path: str, file: str, wanted: Schema, table: str
) -> tuple[str, Column, int] | None:
    reader = connection.execute(f"SELECT line FROM {landed_csv.lines(read, path, file)}")
    number = 0
    while rows := reader.fetchmany(10_000):
        for (line,) in rows:
            number += 1
            if not (line or "").strip():
                continue
            fields = json.loads(line, parse_float=decimal.Decimal)
            for column in wanted:
                value = fields.get(column.name)
                if value is not None and _refuses(value, column):
                    return (str(value) if isinstance(value, decimal.Decimal) else repr(value)), column, number
    return None


def _refuses(value: object, column: Column) -> bool:
    """Whether a value of JSON, or a text, is not exactly a value of the column's type."""
    type = column.type
    if type == BOOLEAN:
        return not (isinstance(value, bool) or str(value).lower() in ("true", "false"))
    if type in INTEGRAL:
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value):
            value = int(value)
        bound = 1 << _BITS[str(type)]
        return isinstance(value, bool) or not isinstance(value, int) or not -bound <= value < bound
    if isinstance(type, Decimal):
        try:
            number = decimal.Decimal(value if isinstance(value, (int, decimal.Decimal)) else str(value))
            exact = number.quantize(decimal.Decimal(1).scaleb(-type.scale), context=decimal.Context(prec=200))
        except decimal.InvalidOperation:
            return True
        return exact != number or exact.copy_abs() >= decimal.Decimal(10) ** (type.precision - type.scale)
    if type in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        try:
            datetime.datetime.fromisoformat(str(value))
        except ValueError:
            return True
        return type == DATE and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))
    return False
