"""A table's fingerprint: what the rows depend on, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from odibi_dagster.tables.spec import (
    ColumnSpec,
    Expectation,
    ExternalBody,
    Kind,
    LandingBody,
    OrderTerm,
    Partitions,
    SourceBody,
)


def source_code(body: SourceBody) -> str:
    """A source as canonical text: how its rows are found and read, not how many at a time."""
    where = body.path if isinstance(body, LandingBody) else body.url
    schema = [(column.name, str(column.type)) for column in body.schema] if body.schema is not None else None
    options = sorted(body.options.items())
    return json.dumps([type(body) is ExternalBody, where, body.format, options, schema])


def fingerprint(
    code: str,
    *,
    kind: Kind,
    partition_by: Iterable[str],
    partitions: Partitions | None,
    expect: Iterable[Expectation],
    columns: Mapping[str, ColumnSpec],
    dedupe_by: Iterable[str],
    order_by: Iterable[OrderTerm],
) -> str:
    """A text of 32 hexadecimal digits that changes when the published rows may change.

    Args:
        code: the query's own fingerprint, a Python file without comments, or a source as canonical text.
        expect: only those that drop rows count; the others decide whether there is a publish at all.
        columns: only the types count.
        kind, partition_by, partitions, dedupe_by, order_by: as in the header.
    """
    parts = [
        code,
        kind,
        list(partition_by),
        repr(partitions),
        sorted(repr(each.rule) for each in expect if each.on_fail == "drop"),
        sorted((name, str(column.type)) for name, column in columns.items() if column.type is not None),
        list(dedupe_by),
        [repr(term) for term in order_by],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
