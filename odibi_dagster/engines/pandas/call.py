"""Functions of the user: what they get and what they may return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.from_pandas import from_pandas
from odibi_dagster.engines.pandas.relation import spark_schema
from odibi_dagster.engines.pandas.to_pandas import to_pandas
from odibi_dagster.engines.protocol import Wanted
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Schema, SparkType


def argument(connection: Any, view: str, schema: Schema, wanted: Wanted) -> object:
    """A view in the form that a parameter asks for; only "pandas" collects rows."""
    if wanted == "pandas":
        return to_pandas(connection, view, schema)
    native = connection.sql(f"SELECT * FROM {quote.name(view)}")
    if wanted == "duckdb":
        return native
    import narwhals

    return narwhals.from_native(native)


def call(
    connection: Any,
    function: Callable[..., object],
    arguments: Mapping[str, object],
    wanted: Mapping[str, SparkType],
    *,
    table: str,
) -> Any:
    """The function's result as a relation of this connection.

    Args:
        connection: the session's connection.
        function: called with the arguments by name.
        arguments: ready made.
        wanted: types that columns are known to have, for `from_pandas`.
        table: the table being computed, for messages.

    Raises:
        DataError: the result is neither a narwhals frame, a pandas DataFrame, a DuckDB relation nor Arrow
            data, or is a relation of another connection.
    """
    what = f"The result of {getattr(function, '__qualname__', function)}"
    return relation(connection, function(**arguments), wanted, table=table, what=what)


def relation(
    connection: Any, result: object, wanted: Mapping[str, SparkType], *, table: str, what: str
) -> Any:
    """What a function returned, as a relation of this connection."""
    import duckdb

    native = _unwrapped(result)
    if isinstance(native, duckdb.DuckDBPyRelation):
        return _own(connection, native, table=table, what=what)
    if _is_pandas(native):
        return from_pandas(connection, native, wanted, table=table, what=what)
    if hasattr(native, "__arrow_c_stream__"):
        return connection.from_arrow(native)
    raise DataError(
        f"{what} is no relation but {type(native).__module__}.{type(native).__qualname__}.",
        where=Where(table=table),
        why="A function table returns all rows of its table.",
        remedy="Return a narwhals frame, a pandas DataFrame, a DuckDB relation, or Arrow data.",
    )


def _unwrapped(result: object) -> Any:
    import narwhals

    return narwhals.to_native(result, pass_through=True)


def _is_pandas(native: object) -> bool:
    # By name: pandas need not be imported to see that something does not come from it.
    return any(
        base.__module__.partition(".")[0] == "pandas" and base.__name__ == "DataFrame"
        for base in type(native).__mro__
    )


def _own(connection: Any, native: Any, *, table: str, what: str) -> Any:
    import duckdb

    spark_schema(native, table=table, what=what)  # a view would rename what occurs twice
    view = f"result_{uuid4().hex}"
    try:
        native.create_view(view)
        return connection.sql(f"SELECT * FROM {view}")
    except duckdb.CatalogException as error:
        raise DataError(
            f"{what} belongs to another DuckDB connection.",
            where=Where(table=table),
            why="Only the connection of the step is limited in memory and kept inside its inputs.",
            remedy="Build it from the relations the function was given, such as with relation.query(…).",
        ) from error
