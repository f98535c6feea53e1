"""Functions of the user: what they get and what they may return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.errors import DataError, Where


def is_frame(native: object) -> bool:
    """Whether something is a DataFrame of Spark, classic or over Connect.

    By name: pyspark need not be imported to see that something does not come from it.
    """
    return any(
        base.__module__.startswith("pyspark.sql") and base.__name__ == "DataFrame"
        for base in type(native).__mro__
    )


def refuse_rows(read: TableFiles, most: int, count: Callable[[], int], *, table: str) -> None:
    """Refuses to bring a large table to this process.

    Args:
        read: what a function asks for as a pandas.DataFrame.
        most: how many rows it may have.
        count: counts them, where the log does not say how many there are.
        table: the table being computed, for messages.

    Raises:
        DataError: it has more rows.
    """
    known = [file.rows for file in read.files]
    rows = sum(known) if all(each >= 0 for each in known) else count()
    if rows > most:
        raise DataError(
            f"{read.name} has {rows} rows, and a function gets at most {most} as a pandas.DataFrame.",
            where=Where(table=table),
            why="on Spark they would all be brought into one process",
            remedy="Annotate the parameter as narwhals.LazyFrame or pyspark.sql.DataFrame; or raise "
            "`pandas_rows` of the environment's engine, or let the table say `engine: pandas`.",
        )


def unwrapped(result: object) -> Any:
    """What a function returned, without narwhals around it."""
    import narwhals

    return narwhals.to_native(result, pass_through=True)


def named(native: object, function: Callable[..., object]) -> Callable[[], object]:
    """A function that gives what the user's has given, under its name."""

    def result() -> object:
        return native

    result.__qualname__ = getattr(function, "__qualname__", str(function))
    return result
