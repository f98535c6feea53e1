"""The columns of a Parquet file in Spark's types, and whether they are those that were declared."""

from __future__ import annotations

from odibi_dagster.engines.landed.difference import difference
from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    DIGITS,
    DOUBLE,
    FLOAT,
    INT,
    INTEGRAL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Column,
    Decimal,
    Map,
    Schema,
    SparkType,
    Struct,
    from_duckdb,
)

#: A file's columns as DuckDB calls them: (name, type).
Shape = tuple[tuple[str, str], ...]
#: Spark reads these physical types so (ParquetToSparkSchemaConverter).
_UNSIGNED = {
    "UTINYINT": SMALLINT,
    "USMALLINT": INT,
    "UINTEGER": BIGINT,
    "UBIGINT": Decimal(20, 0),
    "UUID": STRING,
}


def spark_types(shape: Shape, read: Landed, file: str, *, table: str) -> Schema:
    """A file's columns in Spark's types, from their names and DuckDB's types.

    Raises:
        DataError: a type that cannot be kept exactly.
    """
    columns, problems = [], []
    for name, physical in shape:
        type = _UNSIGNED.get(physical) or from_duckdb(physical)
        if type is None and physical in ("TIMESTAMP_MS", "TIMESTAMP_S"):
            type = TIMESTAMP_NTZ
        if type is None and physical.startswith("ENUM("):
            type = STRING
        if type is None:
            problems.append(f"column {name!r} is {physical}, which no table has")
        else:
            columns.append(Column(name, type))
    if problems:
        raise DataError(
            f"{file} has columns of types that cannot be kept exactly.",
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="; ".join(problems),
            remedy="Write the file with timestamps in microseconds, and without durations and times of day.",
        )
    return tuple(columns)


def check_columns(
    found: Schema, wanted: Schema, read: Landed, file: str, *, table: str, declared: bool
) -> None:
    """Refuses a file that has other columns than the wanted ones, or types that do not fit into theirs.

    Args:
        found: the file's columns.
        wanted: those it must have.
        read: what is being read.
        file: the file's path relative to the source.
        table: the table being computed.
        declared: whether the wanted columns are declared; else they are those of the files before.

    Raises:
        DataError: names every column.
    """
    names = [column.name for column in found]
    if sorted(names) != sorted(column.name for column in wanted):
        than = "that are declared" if declared else "of the files before it"
        raise difference(file, names, [c.name for c in wanted], read, table=table, than=than)
    types = {column.name: column.type for column in found}
    problems = [
        f"column {column.name!r} is {types[column.name]}, expected {column.type}"
        for column in wanted
        if not _fits(types[column.name], column.type)
    ]
    if problems:
        raise DataError(
            f"{file} has other types than " + ("those declared." if declared else "the files before it."),
            where=Where(table=table, url=f"{read.url}/{file}"),
            why="; ".join(problems),
            remedy="Correct the file and let it land again, or change `columns:` of the source.",
        )


def _fits(found: SparkType, wanted: SparkType) -> bool:
    """Whether every value of one type is, exactly, a value of the other."""
    if found == wanted:
        return True
    if found in INTEGRAL:
        if wanted in INTEGRAL:
            return INTEGRAL.index(found) < INTEGRAL.index(wanted)
        if isinstance(wanted, Decimal):
            digits = 19 if found == BIGINT else DIGITS[found]
            return wanted.precision - wanted.scale >= digits
        return wanted == DOUBLE and found != BIGINT
    if isinstance(found, Decimal) and isinstance(wanted, Decimal):
        whole = wanted.precision - wanted.scale >= found.precision - found.scale
        return whole and wanted.scale >= found.scale
    # Writers that do not mark UTC (INT96) mean an instant all the same: Spark reads them so.
    if (found, wanted) in ((FLOAT, DOUBLE), (DATE, TIMESTAMP_NTZ), (TIMESTAMP_NTZ, TIMESTAMP)):
        return True
    if isinstance(found, Array) and isinstance(wanted, Array):
        return _fits(found.element, wanted.element)
    if isinstance(found, Map) and isinstance(wanted, Map):
        return _fits(found.key, wanted.key) and _fits(found.value, wanted.value)
    if isinstance(found, Struct) and isinstance(wanted, Struct):
        return len(found.fields) == len(wanted.fields) and all(
            a.name == b.name and _fits(a.type, b.type)
            for a, b in zip(found.fields, wanted.fields, strict=True)
        )
    return False
