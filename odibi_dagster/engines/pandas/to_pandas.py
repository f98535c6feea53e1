"""A relation as a pandas DataFrame, without losing a digit."""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.sql.types import BIGINT, BOOLEAN, INT, SMALLINT, TINYINT, Decimal, Schema, SparkType

if TYPE_CHECKING:
    import pandas as pd

_NULLABLE: dict[SparkType, Any] = {
    TINYINT: "Int8",
    SMALLINT: "Int16",
    INT: "Int32",
    BIGINT: "Int64",
    BOOLEAN: "boolean",
}


def to_pandas(connection: Any, view: str, schema: Schema) -> pd.DataFrame:
    """All rows as a DataFrame in which no value is rounded.

    Decimals are `decimal.Decimal` and dates `datetime.date` objects; integers and booleans that may be NULL
    are pandas' nullable types; timestamps are datetime64[us, UTC]; strings are objects, NULL is None or NA.

    Args:
        connection: the session's connection.
        view: the name of a view.
        schema: its columns.
    """
    import pandas as pd

    labels = {column.name: quote.name(column.name) for column in schema}
    items = [
        f"CAST({labels[c.name]} AS VARCHAR) AS {labels[c.name]}"
        if isinstance(c.type, Decimal)
        else labels[c.name]
        for c in schema
    ]
    text = f"SELECT {', '.join(items)} FROM {quote.name(view)}"
    frame: pd.DataFrame = connection.sql(text).df(date_as_object=True)
    for column in schema:
        if isinstance(column.type, Decimal):
            values = [
                None if isinstance(v, float) or v is None else decimal.Decimal(v) for v in frame[column.name]
            ]
            frame[column.name] = pd.Series(values, index=frame.index, dtype=object)
        elif column.type in _NULLABLE:
            frame[column.name] = frame[column.name].astype(_NULLABLE[column.type])
    return frame
