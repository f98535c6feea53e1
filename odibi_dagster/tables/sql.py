"""A SQL file: an optional header in a leading comment, then one SELECT."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from odibi_dagster.errors import ConfigError
from odibi_dagster.sql.known import Known
from odibi_dagster.sql.query import Query
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.tables.comment import read_comment
from odibi_dagster.tables.document import Document
from odibi_dagster.tables.engine import engine_of
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.spec import Partitions

_BEFORE = re.compile(r"(?:\s|--[^\n]*(?:\n|$))*/\*")


@dataclass(frozen=True)
class SqlFile:
    """The parts of a SQL file; a part that could not be read is None. The query begins on `first_line`."""

    document: Document | None = None
    query: Query | None = None
    first_line: int = 1


def read_sql(
    text: str,
    *,
    table: str,
    names: Mapping[str, str] | Sources,
    problems: Problems,
    known: Known,
    engine: str,
) -> SqlFile:
    """The header and the query of a SQL file; what is wrong with either is in `problems`.

    Args:
        text: the whole file.
        table: "layer.name".
        names: what `${name}` in the header stands for; the query itself is left as it is.
        problems: where problems are noted.
        known: what earlier loads found.
        engine: the environment's; the header may name another.
    """
    header, body, line = "", text, 1
    if start := _BEFORE.match(text):
        end = text.find("*/", start.end())
        if end < 0:
            problems.add("The comment at the top does not end.", line=1, remedy="Close it with */.")
            return SqlFile()
        header, body = text[start.end() : end], text[end + 2 :]
        line = 1 + text.count("\n", 0, end)
    first_line = line - header.count("\n")
    header = "  " + header if header.startswith(" ") else header  # lines may be aligned with the first
    document = read_comment(header, first_line=first_line, names=names, problems=problems)
    native = engine_of(document, engine) == "spark"
    try:
        query = known.query(body, file=problems.file, first_line=line, table=table, native=native)
    except ConfigError as error:
        problems.take(error)
        return SqlFile(document, None, line)
    return SqlFile(document, query, line)


def check_parameters(
    query: Query, first_line: int, partitions: Partitions | None, problems: Problems
) -> None:
    """Refuse `:partition_…` parameters for which a run of this table has no value."""
    for name in query.parameters:
        found = re.search(rf":{name}\b", query.text)
        line = first_line + query.text.count("\n", 0, found.start()) if found else None
        if partitions is None:
            problems.add(
                f"`:{name}` has no value: the table has no `partitions`.",
                line=line,
                remedy="Add partitions: {daily: {start: 2024-01-01, column: order_date}} to the header.",
            )
        elif name != "partition_key" and not partitions.by_time:
            problems.add(
                f"`:{name}` has no value: static partitions have no start and end.",
                line=line,
                remedy="Use :partition_key.",
            )
