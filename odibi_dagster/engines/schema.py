"""Whether a result's columns are those that a table has."""

from __future__ import annotations

from collections.abc import Iterable

from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import Column, Schema, SparkType


def in_order(found: Schema, wanted: Schema, *, table: str) -> Schema:
    """The wanted schema, if the result has exactly its columns and types, in whatever order.

    Raises:
        DataError: the columns or types differ; the message shows each difference.
    """
    have, want = {c.name: c for c in found}, {c.name: c for c in wanted}
    problems = [f"column {name!r} ({want[name].type}) is missing" for name in want if name not in have]
    problems += [f"column {name!r} ({have[name].type}) is not expected" for name in have if name not in want]
    problems += [
        f"column {name!r} is {have[name].type}, expected {want[name].type}"
        for name in want
        if name in have and have[name].type != want[name].type
    ]
    if problems:
        raise DataError(
            "The result does not have the schema it must have.",
            where=Where(table=table),
            why="; ".join(problems),
            remedy="Change the query, with a CAST where a type differs; nothing is cast silently.",
        )
    return wanted


def of_result(columns: Iterable[tuple[str, SparkType | None, bool, str]], *, table: str, what: str) -> Schema:
    """A result's schema, if a table can hold all its columns.

    Args:
        columns: of each its name, its type or None, whether it may be NULL, and what to say of it when it
            has none.
        table: the table being computed, for messages.
        what: what made the result, such as "the result of customer_score".

    Raises:
        DataError: a column has no type, or two columns have one name; all are named.
    """
    found: list[Column] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for name, type, nullable, told in columns:
        if name.lower() in seen:
            problems.append(f"two columns are called {seen[name.lower()]!r} and {name!r}")
        seen[name.lower()] = name
        if type is None:
            problems.append(f"column {name!r} is {told}")
        else:
            found.append(Column(name, type, nullable))
    if problems:
        raise DataError(
            f"{what} has columns that no table can hold.",
            where=Where(table=table),
            why="; ".join(problems),
            remedy="Give each column a name of its own and one of the types a table has.",
        )
    return tuple(found)
