"""May this schema go into that table? Same, grown where the table file allows it, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odibi_dagster.engines.protocol import LANDED_COLUMNS
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.column_name import column_problem, same_column
from odibi_dagster.sql.types import Schema, SparkType


@dataclass(frozen=True)
class Change:
    """What has to happen to the table's schema before the publish: nothing, new columns, or a replacement."""

    add: Schema = ()
    replace: bool = False


def plan_change(
    staged: Schema, table: Schema, declared: Mapping[str, SparkType | None], kind: str, where: Where
) -> Change:
    """Compares what was staged with the table, by name; delta-rs itself does not.

    The same columns and types: nothing to do. New columns: added if `columns:` names each of them. A full
    table whose `columns:` declare every column with its type may change to exactly those.

    Args:
        staged: the staged files' schema.
        table: the table's schema.
        declared: `columns:` of the table file, name to type (None where only a description is given).
        kind: full, append or partition.
        where: the place for the message.

    Raises:
        DataError: any other difference; the message shows it column by column.
    """
    have, want = {c.name: c.type for c in table}, {c.name: c.type for c in staged}
    missing = [name for name in have if name not in want]
    added = [column for column in staged if column.name not in have]
    changed = [name for name in want if name in have and have[name] != want[name]]
    bare = not set(have) - set(LANDED_COLUMNS)  # the batches so far brought no rows, so nothing is known yet
    if not missing and not changed and (bare or all(column.name in declared for column in added)):
        return Change(add=tuple(added))
    if kind == "full" and {n: str(t) for n, t in declared.items()} == {n: str(t) for n, t in want.items()}:
        return Change(replace=True)
    lines = [
        *(f"{name}: in the table, not in the result ({have[name]})" for name in missing),
        *(f"{name}: {have[name]} in the table, {want[name]} in the result" for name in changed),
        *(f"{column.name}: new ({column.type})" for column in added if column.name not in declared),
    ]
    raise DataError(
        "The result has another schema than the table; nothing was published.",
        where=where,
        why="; ".join(lines),
        remedy=_remedy(missing, changed, kind),
    )


def _remedy(missing: list[str], changed: list[str], kind: str) -> str:
    if not missing and not changed:
        return "Name the new columns under `columns:` in the table's file to let the table grow."
    if kind == "full":
        return (
            "Undo the change, or declare every column with its type under `columns:`: a full table follows."
        )
    return "Cast or rename in the table's file so that the result fits what is there already."


def refuse_broken_contract(staged: Schema, declared: Mapping[str, SparkType | None], where: Where) -> None:
    """Holds the result against `columns:`: every named column is there, with the declared type.

    Raises:
        DataError: names every column that is missing or has another type.
    """
    have = {column.name: column.type for column in staged}
    lines = [f"{name} is missing" for name in declared if name not in have]
    lines += [
        f"{name} is {have[name]}, declared {type_}"
        for name, type_ in declared.items()
        if type_ is not None and name in have and have[name] != type_
    ]
    if lines:
        raise DataError(
            "The result breaks the contract under `columns:`; nothing was published.",
            where=where,
            why="; ".join(lines),
            remedy="Correct the SELECT (CAST to the declared type) or the contract.",
        )


def refuse_names(staged: Schema, where: Where) -> None:
    """Stops before a column gets a name that a Delta table or the other engine refuses.

    Raises:
        DataError: names the column.
    """
    problems = [problem for column in staged if (problem := column_problem(column.name))]
    if pair := same_column(column.name for column in staged):
        problems.append(f"The columns {pair[0]!r} and {pair[1]!r} differ at most by letter case.")
    if problems:
        raise DataError(
            "The result cannot be a table; nothing was published.",
            where=where,
            why=" ".join(problems),
            remedy="Rename the column: letters, digits and _ are safe everywhere.",
        )
