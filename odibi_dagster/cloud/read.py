"""Files or a Delta table, as pandas, Arrow or DuckDB."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

from odibi_dagster.cloud import delta, duck
from odibi_dagster.cloud.copies import bring
from odibi_dagster.cloud.delimiter import delimiter
from odibi_dagster.cloud.failures import explained, unknown_column
from odibi_dagster.cloud.formats import format_of, known
from odibi_dagster.cloud.listing import File, Found, need
from odibi_dagster.cloud.target import Target
from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.to_pandas import to_pandas
from odibi_dagster.errors import ConfigError, DataError, Where
from odibi_dagster.sql.types import STRING, Column, from_duckdb
from odibi_dagster.tables.nearest import did_you_mean

RESULTS = ("pandas", "arrow", "duckdb")
#: What pandas would round, as types that it does not.
_EXACT = {
    "UTINYINT": "SMALLINT", "USMALLINT": "INTEGER", "UINTEGER": "BIGINT", "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
}  # fmt: skip
_VIEW = "data"


def read(target: Target, path: str, format: str | None, as_: str, columns: Sequence[str] | None) -> Any:
    """See `CloudAdapter.read`."""
    if as_ not in RESULTS:
        raise ConfigError(f"read(as_={as_!r}) gives nothing.", remedy=did_you_mean(as_, RESULTS))
    if isinstance(columns, str) or (columns is not None and not columns):
        raise ConfigError("`columns` is no list of names.", remedy="Write columns=['order_id', 'amount'].")
    found = need(target, path)
    asked = known(format) or ("delta" if found.is_delta else format_of(found.data, target.url(found.path)))
    where = Where(url=target.url(found.path))
    connection, scratch = duck.connect(), tempfile.mkdtemp(prefix="odibi-read-")
    keep = False
    try:
        names: dict[str, str] = {}
        with explained("It cannot be read", where, names):
            # Text is parsed once, into a table; Parquet is cheap to read twice.
            kind = "VIEW" if asked == "parquet" and as_ == "pandas" else "TABLE"
            source = _source(target, found, asked, connection, scratch, columns, names)
            connection.execute(f"CREATE {kind} {_VIEW} AS {_select(connection, source, columns, where)}")
            result = _result(connection, as_)
            keep = as_ == "duckdb"
            return result
    finally:
        if not keep:
            connection.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _source(
    target: Target,
    found: Found,
    format: str,
    connection: Any,
    scratch: str,
    columns: Sequence[str] | None,
    names: dict[str, str],
) -> str:
    """What stands after FROM; `names` gets the files behind their local paths."""
    if format == "delta":
        connection.register("_delta", delta.stream(target, found.path, columns))
        return "_delta"
    files: tuple[File, ...] = found.data
    if format != "parquet":
        files = tuple(file for file in files if file.size)  # without a line there is nothing to learn
    if not files:
        raise DataError(
            "There is nothing to read.",
            where=Where(url=target.url(found.path)),
            why="its files are empty, or their names begin with _ or a dot",
        )
    options = ["hive_partitioning = " + str(found.kind != "file").lower(), "hive_types_autocast = false"]
    options += ["union_by_name = true"]
    if format != "parquet":
        options.append("sample_size = -1")  # or a type would be guessed that later rows do not have
    local = bring(target, files, scratch)
    names.update(zip(local, files, strict=True))
    if format == "csv":
        between = delimiter(connection, names, Where(url=target.url(found.path)))
        options += [f"delim = {quote.text(between)}", "quote = '\"'", "escape = '\"'"]
        options += ["header = true", "skip = 0", "strict_mode = true", "null_padding = false"]
        options.append("allow_quoted_nulls = false")  # a quoted nothing is an empty text
    return f"read_{format}({quote.texts(local)}, {', '.join(options)})"


def _select(connection: Any, source: str, columns: Sequence[str] | None, where: Where) -> str:
    if columns is None:
        return f"SELECT * FROM {source}"
    there = connection.sql(f"SELECT * FROM {source} LIMIT 0").columns
    if missing := [name for name in columns if name not in there]:
        raise unknown_column(missing[0], there, where)
    return f"SELECT {', '.join(quote.name(name) for name in columns)} FROM {source}"


def _result(connection: Any, as_: str) -> Any:
    if as_ == "duckdb":
        return connection.sql(f"FROM {_VIEW}")
    relation = connection.sql(f"FROM {_VIEW}") if as_ == "arrow" else _exact(connection)
    if as_ == "arrow":
        from arro3.core import Table

        return Table.from_arrow(relation)
    return to_pandas(
        connection,
        "exact",
        tuple(
            # What Spark has no type for, such as TIME, pandas gets as DuckDB gives it.
            Column(name, from_duckdb(str(type)) or STRING)
            for name, type in zip(relation.columns, relation.types, strict=True)
        ),
    )


def _exact(connection: Any) -> Any:
    relation = connection.sql(f"FROM {_VIEW}")
    items = []
    for name, type in zip(relation.columns, relation.types, strict=True):
        label, cast = quote.name(name), _EXACT.get(str(type))
        items.append(f"CAST({label} AS {cast}) AS {label}" if cast else label)
    connection.execute(f"CREATE VIEW exact AS SELECT {', '.join(items)} FROM {_VIEW}")
    return connection.sql("FROM exact")
