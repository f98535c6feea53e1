"""Remote inputs of a Python function: fetched for what it returns, or whole if it looks at rows itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from odibi_dagster.engines.pandas import quote, read, remote, stream
from odibi_dagster.engines.pandas.failures import STREAM
from odibi_dagster.engines.pandas.needs import Need, needs
from odibi_dagster.engines.pandas.remote import RemoteTable
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.sql.types import to_duckdb


class Whole:
    """All rows of a remote table as an Arrow stream; nothing is fetched before somebody asks for rows.

    Args:
        connection: the session's.
        given: the table.
    """

    def __init__(self, connection: Any, given: RemoteTable) -> None:
        self.connection, self.given = connection, given
        self.failure: Exception | None = None
        """What a store or disk refused; DuckDB passes on its text alone."""

    def __arrow_c_schema__(self) -> object:
        """The Arrow PyCapsule protocol: asked for when a query is prepared."""
        from arro3.core import RecordBatchReader

        table = self.given.read
        none = TableFiles(table.name, table.url, table.version, table.schema, table.partition_by, ())
        cursor = self.connection.cursor()
        rows = cursor.sql(read.select(cursor, none, ()))
        return RecordBatchReader.from_arrow(rows).schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule protocol: asked for when a query runs, on the session's connection."""
        try:
            return self._rows(self.connection.cursor()).__arrow_c_stream__(requested_schema)
        except Exception as error:
            self.failure = error
            raise

    def _rows(self, cursor: Any) -> Any:
        everything = set(range(len(self.given.files)))
        remote.fetch([(self.given, everything)])
        if everything <= self.given.here:
            return cursor.sql(read.select(cursor, *self.given.part()))
        table = self.given.read
        text, names = stream.query(cursor, table, Need())
        source = f"{STREAM}{uuid4().hex}"
        cursor.register(source, stream.Stream(stream.open_table(table), text))
        return cursor.sql(read.streamed(cursor, table, names, source))


def show(connection: Any, name: str, given: RemoteTable) -> Whole:
    """Makes the view of an input one of whole rows that are fetched when a query runs.

    Args:
        connection: the session's.
        name: the view's, as SQL names the input.
        given: the input.
    """
    whole, source = Whole(connection, given), f"{STREAM}{uuid4().hex}"
    connection.register(source, whole)
    names = [column.name for column in given.read.schema]
    query = read.streamed(connection, given.read, names, source)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {quote.name(name)} AS {query}")
    return whole


def needed(sql: str, tables: Mapping[str, TableFiles]) -> Mapping[str, Need]:
    """What a relation's query needs of the inputs that it names; nothing is said of a query that is not
    understood as a whole: it finds its inputs as `show` left them.

    Args:
        sql: from DuckDB's `sql_query()`: stars, bare columns, and one alias at several places.
        tables: the inputs by name.
    """
    try:
        tree = parse_one(sql, read="duckdb")
        named = {table.name for table in tree.find_all(exp.Table)}
        used = {name: table for name, table in tables.items() if name in named}
        plain = _plain(tree, used)
    except SqlglotError:
        return {}
    return needs(plain.sql("duckdb"), tuple(used)) if plain is not None else {}


def _plain(tree: exp.Expr, tables: Mapping[str, TableFiles]) -> exp.Expr | None:
    """The query with each column named by the one alias that gives it, and each alias used once."""
    if not isinstance(tree, exp.Select | exp.SetOperation) or tree.find(exp.TableSample):
        return None
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    short = {name: f"input_{number}" for number, name in enumerate(tables)}
    for table in tree.find_all(exp.Table):
        if table.name in short:
            table.set("this", exp.to_identifier(short[table.name], quoted=True))
        elif table.name not in ctes:
            return None  # such as a view that the function made: it may read the inputs
    schema: dict[str, object] = {
        short[n]: {c.name: to_duckdb(c.type) for c in t.schema} for n, t in tables.items()
    }
    if any(c.name != c.name.lower() for table in tables.values() for c in table.schema):
        return None  # what follows writes all names in small letters
    tree = qualify(tree, dialect="duckdb", schema=schema)
    scopes = traverse_scope(tree)
    if any(scope.external_columns or scope.udtf_scopes for scope in scopes):
        return None
    for number, scope in enumerate(scopes):
        _rename(scope, number)
    names = {brief: name for name, brief in short.items()}
    for table in tree.find_all(exp.Table):
        if table.name in names:
            table.set("this", exp.to_identifier(names[table.name], quoted=True))
    return tree


def _rename(scope: Scope, number: int) -> None:
    new = {alias: f"{alias}_{number}" for alias in scope.selected_sources}
    for column in scope.columns:
        if column.table in new:
            column.set("table", exp.to_identifier(new[column.table], quoted=True))
    for alias, (node, _) in scope.selected_sources.items():
        named = node if isinstance(node, exp.Table) else node.find_ancestor(exp.Subquery)
        if named is None or named.alias != alias:
            raise SqlglotError(f"{alias} is no alias")
        named.set("alias", exp.TableAlias(this=exp.to_identifier(new[alias], quoted=True)))


def query_of(result: object) -> str | None:
    """The SQL of a relation that a function returned; None of anything else, or where it has none."""
    import duckdb
    import narwhals

    native: Any = narwhals.to_native(result, pass_through=True)
    try:
        return str(native.sql_query()) if isinstance(native, duckdb.DuckDBPyRelation) else None
    except duckdb.Error:  # it holds what SQL cannot say, such as a DataFrame
        return None
