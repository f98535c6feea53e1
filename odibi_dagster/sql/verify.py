"""DuckDB's second opinion on a compiled query."""

from __future__ import annotations

from typing import Any

from odibi_dagster.errors import SqlError, Where

from .compile import Compiled
from .types import to_duckdb


def verify(compiled: Compiled, connection: Any) -> None:
    """See that DuckDB gives the compiled query the names and types that were computed for it.

    Args:
        connection: a DuckDB connection with SETTINGS and MACROS applied and a view for each input.

    Raises:
        SqlError: DuckDB refuses the query, or binds it to other names or types.
    """
    where = Where(table=compiled.table, file=compiled.file, line=compiled.line)
    try:
        # Not DESCRIBE: it prints "cid" for `cid AS "CID"`.
        relation = connection.sql(compiled.sql)
    except Exception as error:
        raise SqlError(
            "DuckDB refuses the compiled SQL.",
            where=where,
            why=str(error),
            remedy="Please report it with the SQL; a Python function can make the table meanwhile.",
        ) from error
    got = [(str(name), str(type)) for name, type in zip(relation.columns, relation.types, strict=True)]
    wanted = [(column.name, _spelled(to_duckdb(column.type))) for column in compiled.columns]
    if got != wanted:
        pairs = zip(
            got + [("nothing", "")] * len(wanted), wanted + [("nothing", "")] * len(got), strict=False
        )
        other = [f"{b[0]} {b[1]} became {a[0]} {a[1]}" for a, b in pairs if a != b]
        raise SqlError(
            "DuckDB types the compiled SQL otherwise than Spark would.",
            where=where,
            why="; ".join(other),
            remedy="Please report it with the SQL; a Python function can make the table meanwhile.",
        )


def _spelled(type: str) -> str:
    """A type as DuckDB itself writes it: it leaves out quotes that a field's name does not need."""
    if "(" not in type:
        return type
    from duckdb import sqltype

    return str(sqltype(type))
