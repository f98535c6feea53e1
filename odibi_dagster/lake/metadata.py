"""What a materialization says: versions, numbers that Dagster plots, schema and lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from odibi_dagster.lake.recognize import Published
from odibi_dagster.sql.types import Schema

#: The metadata key of the table's version after the publish.
VERSION = "version"
#: The metadata key of the columns' lineage, as a table that every edition of Dagster's UI shows.
LINEAGE = "column_lineage"


@dataclass(frozen=True)
class ColumnNote:
    """What the table file says of one column, for people."""

    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def materialization(
    published: Published,
    *,
    key: str,
    url: str,
    schema: Schema,
    notes: Mapping[str, ColumnNote],
    lineage: Mapping[str, Sequence[Sequence[str]]] | None,
    seconds: float,
    run: str,
) -> dict[str, Any]:
    """The metadata of one publish, under the keys that Dagster's UI reads.

    Args:
        published: what the publish led to.
        key: "silver.orders".
        url: the table's URL.
        schema: the table's columns.
        notes: descriptions and tags by column.
        lineage: output column to (input table, column) pairs; None if unknown.
        seconds: how long the step took.
        run: the run that reports: rows that another run added are not its own.
    """
    record = published.record
    values: dict[str, Any] = {
        VERSION: published.version,
        "rows_added": record.added if record.run == run else 0,
        "bytes": published.size,
        "files": published.files,
        "seconds": round(seconds, 3),
        "dagster/row_count": published.rows,
        "dagster/uri": url,
        "dagster/table_name": key,
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn(
                    name=column.name,
                    type=str(column.type),
                    description=notes[column.name].description or None if column.name in notes else None,
                    tags=notes[column.name].tags if column.name in notes else None,
                )
                for column in schema
            ]
        ),
    }
    if record.inputs:
        values["inputs"] = dg.MetadataValue.json({name: seen.version for name, seen in record.inputs.items()})
    if lineage:
        values["dagster/column_lineage"] = dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(dg.AssetKey(table.split(".")), source) for table, source in deps]
                for column, deps in lineage.items()
                if deps
            }
        )
        values[LINEAGE] = _lineage_table(lineage)
    return values


def _lineage_table(lineage: Mapping[str, Sequence[Sequence[str]]]) -> dg.TableMetadataValue:
    """The lineage for people: Dagster's own key is shown by its hosted edition alone."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "column": column,
                    "made from": ", ".join(f"{table}.{source}" for table, source in deps) or "—",
                }
            )
            for column, deps in lineage.items()
        ],
        dg.TableSchema([dg.TableColumn("column"), dg.TableColumn("made from")]),
    )
