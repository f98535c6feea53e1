"""Inputs too large for the cache: delta-rs reads them from the store, again for each scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.needs import Combined, Condition, Need
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.errors import Where
from odibi_dagster.sql.types import DATE, INTEGRAL, STRING, to_duckdb
from odibi_dagster.storage.failures import explain
from odibi_dagster.storage.stores import store_of

if TYPE_CHECKING:
    from deltalake import DeltaTable


class Stream:
    """An Arrow stream that can be read as often as DuckDB wants; nothing is kept of it.

    Args:
        handle: the table at its pinned version.
        query: a SELECT over `t` in DataFusion's SQL.
    """

    def __init__(self, handle: DeltaTable, query: str) -> None:
        self.handle, self.query = handle, query

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule protocol: a new run of the query."""
        from deltalake import QueryBuilder

        found: Any = QueryBuilder().register("t", self.handle).execute(self.query)
        return found.__arrow_c_stream__(requested_schema)


def open_table(table: TableFiles) -> DeltaTable:
    """delta-rs' handle of a pinned version.

    Raises:
        StorageError, TransientError: the store refused or did not answer.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    options = store_of(table.url).delta_options()
    try:
        return DeltaTable(table.url, version=table.version, storage_options=options)
    except (DeltaError, OSError) as error:
        raise explain(Where(table=table.name, url=table.url), error) from error


def query(connection: Any, table: TableFiles, need: Need) -> tuple[str, tuple[str, ...]]:
    """The SELECT for delta-rs with the columns and the rows that are needed, and the columns' names.

    Args:
        connection: the session's connection, which says what constants are.
        table: the pinned version.
        need: what the query needs of it.
    """
    names = tuple(c.name for c in table.schema if need.columns is None or c.name in need.columns)
    names = names or (table.schema[0].name,)  # COUNT(*) needs rows without columns
    text = f"SELECT {', '.join(quote.name(name) for name in names)} FROM t"
    where = _where(connection, table, need.condition) if need.condition else None
    return (f"{text} WHERE {where}" if where else text), names


def _where(connection: Any, table: TableFiles, condition: Condition) -> str | None:
    """The condition in DataFusion's SQL, or a weaker one: the query itself holds it against every row."""
    if isinstance(condition, Combined):
        parts = [_where(connection, table, part) for part in condition.parts]
        known = [part for part in parts if part is not None]
        if not known or (condition.word == "OR" and len(known) < len(parts)):
            return None
        return "(" + f" {condition.word} ".join(known) + ")"
    type = next((c.type for c in table.schema if c.name == condition.column), None)
    if type not in (*INTEGRAL, DATE, STRING):
        return None
    import duckdb

    try:
        value, found = connection.execute(
            f"SELECT CAST(v AS VARCHAR), typeof(v) FROM (SELECT {condition.value} AS v)"
        ).fetchall()[0]
    except duckdb.Error:
        return None
    if value is None or (found != to_duckdb(type) and not (type in INTEGRAL and found in _WHOLE)):
        return None
    literal = value if type in INTEGRAL else quote.text(value)
    literal = f"CAST({literal} AS DATE)" if type == DATE else literal
    return f"{quote.name(condition.column)} {condition.operator} {literal}"


_WHOLE = frozenset(to_duckdb(type) for type in INTEGRAL)
