"""A table's body becomes a relation, and the relation staged files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from odibi_dagster.assets.partition_keys import PartitionKeys
from odibi_dagster.engines.protocol import Relation, Session, Staged
from odibi_dagster.tables.function import load_function
from odibi_dagster.tables.spec import ExternalBody, FunctionBody, SqlBody, TableSpec

if TYPE_CHECKING:
    import dagster as dg


def stage(
    session: Session,
    spec: TableSpec,
    context: dg.AssetExecutionContext,
    *,
    now: datetime,
    keys: PartitionKeys | None,
) -> tuple[Staged, Relation]:
    """Computes the table into staged files; nothing is collected unless a function asks for pandas.

    SQL that uses `:partition_key` runs once for each of the run's partitions, other bodies once.

    Returns:
        The staged files, and the (last) relation, for its lineage.

    Raises:
        SqlError, DataError, StorageError: see the engine's protocol.
    """
    query = spec.body.query if isinstance(spec.body, SqlBody) else None
    if query is None or keys is None or "partition_key" not in query.parameters:
        relation = _relation(session, spec, context, now, keys.parameters(_single(keys)) if keys else {})
        return session.stage(relation, spec.partition_by), relation
    parts = []
    for key in keys.keys:
        relation = session.sql(query, now=now, parameters=keys.parameters(key))
        parts.append(session.stage(relation, spec.partition_by))
    return _together(parts), relation


def _single(keys: PartitionKeys) -> str | None:
    return keys.keys[0] if len(keys.keys) == 1 else None


def _relation(
    session: Session,
    spec: TableSpec,
    context: dg.AssetExecutionContext,
    now: datetime,
    parameters: Mapping[str, object],
) -> Relation:
    body = spec.body
    if isinstance(body, SqlBody):
        return session.sql(body.query, now=now, parameters=parameters)
    if isinstance(body, FunctionBody):
        declared = {name: column.type for name, column in spec.columns.items() if column.type}
        return session.call(load_function(spec), _arguments(session, body, context), declared)
    assert isinstance(body, ExternalBody), f"{spec.key} is computed by landing"
    return session.read(spec.key)


def _arguments(session: Session, body: FunctionBody, context: dg.AssetExecutionContext) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for parameter in body.parameters:
        if parameter.input is not None:
            assert parameter.wants in ("narwhals", "pandas", "duckdb", "pyspark")
            values[parameter.name] = session.argument(parameter.input, parameter.wants)
        elif parameter.resource is not None:
            values[parameter.name] = getattr(context.resources, parameter.resource)
        else:
            values[parameter.name] = context
    return values


def _together(parts: list[Staged]) -> Staged:
    first = parts[0]
    return Staged(
        first.table_url,
        tuple(folder for part in parts for folder in part.folders),
        tuple(file for part in parts for file in part.files),
        first.schema,
        first.partition_by,
    )
