"""From a checked query and its inputs' schemas to DuckDB SQL, Spark's result schema and lineage."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from .parse import read
from .query import Query
from .select import Queries
from .typed import Origin
from .types import VOID, Column, Schema, holds_void


@dataclass(frozen=True)
class Compiled:
    """What the engine runs.

    Args:
        sql: DuckDB SQL; inputs stand in it as quoted identifiers, `"bronze.orders"`.
        columns: the result's columns as Spark would name and type them.
        lineage: for each result column the (input, column) pairs its values are made of.
        table, file, line: where the query stands, for errors.
    """

    sql: str
    columns: Schema
    lineage: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    table: str = ""
    file: str = ""
    line: int = 1


def compile_query(
    query: Query,
    schemas: Mapping[str, Schema],
    *,
    now: datetime.datetime,
    parameters: Mapping[str, object] | None = None,
) -> Compiled:
    """The query in DuckDB's words, with exactly Spark's result, result types and names, or an error.

    Args:
        query: from `parse_query`.
        schemas: the columns of every name in `query.inputs`.
        now: the aware instant CURRENT_TIMESTAMP() stands for; the same on every retry of one write.
        parameters: `partition_key` (str), `partition_start`, `partition_end` (aware datetimes or ISO texts).

    Raises:
        SqlError, ConfigErrors: as `parse_query`; an unknown or ambiguous column, types that do not fit, a
            meaning that cannot be kept.
        ValueError: `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    problems = query.problems()
    queries = Queries(problems, schemas, now=now, parameters=parameters or {})
    # Parsed here, and held against the catalogue, whatever was known of the text when definitions loaded.
    _, tree, _ = read(query.text, problems)
    relation = queries.query(tree, {}, None, final=True)
    for output in relation.outputs:
        if holds_void(output.type):
            what = "is always NULL and" if output.type == VOID else f"is {output.type}: its NULL"
            raise problems.error(
                tree,
                f"The column {output.name} {what} has no type.",
                remedy="Write CAST(NULL AS STRING), or another type.",
            )
    return Compiled(
        sql=relation.sql,
        columns=tuple(Column(o.name, o.type, o.nullable) for o in relation.outputs),
        lineage={o.name: o.lineage for o in relation.outputs},
        table=query.table,
        file=query.file,
        line=query.first_line,
    )
