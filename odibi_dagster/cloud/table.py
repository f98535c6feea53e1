"""What somebody wants to write, as a table of DuckDB's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.pandas.from_pandas import from_pandas
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.column_name import same_column
from odibi_dagster.sql.types import STRING, TIMESTAMP_NTZ, Schema, SparkType

if TYPE_CHECKING:
    import pandas as pd


def load(connection: Any, data: Any, format: str, known: Schema | None, where: Where) -> None:
    """Makes the data the table or view `data`.

    Args:
        connection: DuckDB's.
        data: a pandas DataFrame; or anything with the Arrow PyCapsule protocol, such as a DuckDB relation, an
            Arrow table or reader, or a Polars DataFrame.
        format: what it will be written as.
        known: the columns of the Delta table that it goes to, if there is one.
        where: where it goes, for messages.

    Raises:
        DataError: it is something else, or has columns or an index that would be lost.
        duckdb.Error: a relation's own query fails.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        _refuse_index(data, where)
        wanted = {column.name: column.type for column in known} if known else _wanted(data, format)
        relation = from_pandas(connection, data, wanted, table=str(where), what="The data")
        _refuse_names(relation.columns, where)
        relation.create_view("data")
        return
    if not hasattr(data, "__arrow_c_stream__"):
        raise DataError(
            f"{type(data).__name__} cannot be written.",
            where=where,
            remedy="Give a pandas DataFrame, a DuckDB relation or an Arrow table; "
            "pandas.DataFrame(…) makes one of lists and dicts.",
        )
    if hasattr(data, "__len__"):
        # 12 M rows of three numbers: 166 MB while they are written, against 449 MB as a table first.
        connection.register("data", _Again(data))
    else:
        from arro3.core import RecordBatchReader

        # A reader comes once, and a write that lost against another one begins anew.
        connection.from_arrow(RecordBatchReader.from_arrow(data)).create("data")
    _refuse_names(connection.sql("FROM data").columns, where)


class _Again:
    """A table or relation as an Arrow stream, as often as it is wanted: nothing of it is kept."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule protocol."""
        return self.data.__arrow_c_stream__(requested_schema)


def _wanted(frame: pd.DataFrame, format: str) -> Mapping[str, SparkType]:
    """Files keep datetimes without a time zone as they are; in text, a column of NULLs needs no type."""
    wanted: dict[str, SparkType] = {}
    for position, label in enumerate(frame.columns):
        series = frame.iloc[:, position]
        if format != "delta" and series.dtype.kind == "M" and getattr(series.dtype, "tz", None) is None:
            wanted[label] = TIMESTAMP_NTZ
        elif format in ("csv", "json") and series.dtype == object and series.isna().all():
            wanted[label] = STRING
    return wanted


def _refuse_index(frame: pd.DataFrame, where: Where) -> None:
    names = [str(name) for name in frame.index.names if name is not None]
    if names or frame.index.nlevels > 1:
        raise DataError(
            "The DataFrame has an index that would be lost.",
            where=where,
            why=f"it is called {', '.join(names)}" if names else f"it has {frame.index.nlevels} levels",
            remedy="Make it columns with .reset_index(), or drop it with .reset_index(drop=True).",
        )


def _refuse_names(names: list[str], where: Where) -> None:
    if pair := same_column(names):
        raise DataError(
            f"The columns {pair[0]!r} and {pair[1]!r} differ at most by letter case.",
            where=where,
            remedy="Rename one of them.",
        )
