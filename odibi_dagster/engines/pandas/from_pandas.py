"""A pandas DataFrame as a relation whose types do not depend on its values."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.pandas import quote
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Decimal,
    SparkType,
    to_duckdb,
)

if TYPE_CHECKING:
    import pandas as pd

#: Spark's type for Python's decimals, whatever their digits: the type must not depend on the data.
DECIMAL = Decimal(38, 18)


def from_pandas(
    connection: Any, frame: pd.DataFrame, wanted: Mapping[str, SparkType], *, table: str, what: str
) -> Any:
    """The DataFrame as a DuckDB relation whose types depend on the columns' kinds, not on their values.

    Python integers are BIGINT, floats DOUBLE (NaN is NULL, as pandas means it), decimals DECIMAL(38,18),
    datetimes TIMESTAMP in UTC; a categorical is its categories' type. The index is left out.

    Args:
        connection: the session's connection.
        frame: what a function returned.
        wanted: types that columns are known to have: a decimal takes its precision and scale from here, a
            naive datetime may be TIMESTAMP_NTZ, a column of NULLs alone gets its type. Values must
            fit as they are.
        table: the table being computed, for messages.
        what: what made the frame.

    Raises:
        DataError: a column with mixed types, with a type that Spark does not have, or with a value that its
            type would round; the column is named.
    """
    problems: list[str] = []
    columns: dict[str, Any] = {}
    items: list[str] = []
    for position, label in enumerate(frame.columns):
        if not isinstance(label, str):
            problems.append(f"the column label {label!r} is no string")
            continue
        series = frame.iloc[:, position]
        try:
            series, type = _typed(series, wanted.get(label))
        except _Refused as refused:
            problems.append(f"column {label!r} {refused}")
            continue
        alias = f"c{position}"
        columns[alias] = series
        expression = f"CAST({alias} AS {to_duckdb(type)})" if type is not None else alias
        items.append(f"{expression} AS {quote.name(label)}")
    if problems or not items:
        raise DataError(
            f"{what} is a DataFrame that no table can hold.",
            where=Where(table=table),
            why="; ".join(problems) or "it has no columns",
            remedy="Give each column one type; use Decimal, date, datetime, str, int, float or bool values.",
        )
    import pandas as pd

    plain = connection.from_df(pd.DataFrame(columns, copy=False))
    return plain.project(", ".join(items))


class _Refused(Exception):
    pass


def _typed(series: pd.Series[Any], wanted: SparkType | None) -> tuple[pd.Series[Any], SparkType | None]:
    """The series as DuckDB should get it, and the type to cast it to (None: as DuckDB sees it)."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _typed(series.astype(dtype.categories.dtype), wanted)
    kind = getattr(dtype, "kind", "O")
    if kind == "M":
        return _datetimes(series, wanted)
    if kind == "m":
        raise _Refused(f"is {dtype}: a table has no durations; give seconds as a number")
    if kind == "u":
        raise _Refused(f"is {dtype}: a table has no unsigned integers; use .astype('int64')")
    if kind == "c":
        raise _Refused(f"is {dtype}: a table has no complex numbers")
    if kind != "O" or isinstance(dtype, pd.StringDtype):
        return series.reset_index(drop=True), STRING if isinstance(dtype, pd.StringDtype) else None
    return _objects(series, wanted)


def _datetimes(series: pd.Series[Any], wanted: SparkType | None) -> tuple[pd.Series[Any], SparkType]:
    import pandas as pd

    zone = getattr(series.dtype, "tz", None)
    if series.dt.unit == "ns":
        whole = series.astype(pd.DatetimeTZDtype("us", zone) if zone is not None else "datetime64[us]")
        if not (whole.isna() | (whole == series)).all():
            raise _Refused(
                f"is {series.dtype} with nanoseconds: a table keeps microseconds; use .dt.floor('us')"
            )
        series = whole
    if zone is not None:
        return series.dt.tz_convert("UTC").reset_index(drop=True), TIMESTAMP
    if wanted == TIMESTAMP_NTZ:
        return series.reset_index(drop=True), TIMESTAMP_NTZ
    return series.dt.tz_localize("UTC").reset_index(drop=True), TIMESTAMP


_PYTHON: dict[type, SparkType] = {
    str: STRING, int: BIGINT, float: DOUBLE, bool: BOOLEAN, bytes: BINARY,
    datetime.date: DATE, decimal.Decimal: DECIMAL,
}  # fmt: skip


def _objects(series: pd.Series[Any], wanted: SparkType | None) -> tuple[pd.Series[Any], SparkType | None]:
    import numpy as np
    import pandas as pd

    missing = _missing(series)
    values = [None if gone else value for value, gone in zip(series, missing, strict=True)]
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    types = {type(value) for value in values if value is not None}
    if not types:
        if wanted is None:
            raise _Refused(
                "holds only NULL and so has no type: declare it under `columns`, or use .astype(…)"
            )
        return pd.Series(values, dtype=object), wanted
    if len(types) > 1:
        names = ", ".join(sorted(found.__name__ for found in types))
        raise _Refused(f"mixes {names}: give it one type, such as with .astype(str)")
    (found,) = types
    if found is pd.Timestamp or found is datetime.datetime:
        return _datetimes(_instants(values), wanted)
    if found is decimal.Decimal:
        return _decimals(values, wanted)
    if found in _PYTHON:
        if found is int and any(value is not None and not -(2**63) <= value < 2**63 for value in values):
            raise _Refused("holds integers beyond 64 bits: use Decimal values")
        return pd.Series(values, dtype=object), _PYTHON[found]
    if found in (list, dict, tuple) or found is np.ndarray:
        return pd.Series(values, dtype=object), wanted
    raise _Refused(f"holds {found.__name__} objects, which no table has: use .astype(str) or another type")


def _instants(values: list[Any]) -> pd.Series[Any]:
    """Datetime objects of any year as datetime64[us], in UTC if they have a time zone."""
    import numpy as np
    import pandas as pd

    zoned = {value.tzinfo is not None for value in values if value is not None}
    if len(zoned) > 1:
        raise _Refused("mixes datetimes with and without a time zone")
    if any(getattr(value, "nanosecond", 0) for value in values):
        raise _Refused("holds nanoseconds, and a table keeps microseconds: use .floor('us')")
    if zoned == {True}:
        utc = datetime.UTC
        values = [None if v is None else v.astimezone(utc).replace(tzinfo=None) for v in values]
    series: pd.Series[Any] = pd.Series(np.array(values, dtype="datetime64[us]"))
    return series.dt.tz_localize("UTC") if zoned == {True} else series


def _missing(series: pd.Series[Any]) -> list[bool]:
    import pandas as pd

    return [
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
        for value in series
    ]


def _decimals(
    values: list[decimal.Decimal | None], wanted: SparkType | None
) -> tuple[pd.Series[Any], SparkType]:
    import pandas as pd

    type = wanted if isinstance(wanted, Decimal) else DECIMAL
    step = decimal.Decimal(1).scaleb(-type.scale)
    context = decimal.Context(prec=100)
    texts: list[str | None] = []
    for value in values:
        if value is None:
            texts.append(None)
            continue
        if not value.is_finite():
            raise _Refused(f"holds {value}, which no decimal column has: use None")
        try:
            exact = value.quantize(step, context=context)
        except decimal.InvalidOperation:
            raise _Refused(f"holds {value}, which is no {type}: declare another type") from None
        if exact != value or exact.copy_abs() >= decimal.Decimal(10) ** (type.precision - type.scale):
            raise _Refused(
                f"holds {value}, which does not fit {type} as it is: round it, or declare a wider type"
            )
        texts.append(f"{exact:f}")
    return pd.Series(texts, dtype=object), type
