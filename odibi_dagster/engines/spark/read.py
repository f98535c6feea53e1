"""One pinned version of a Delta table as a DataFrame."""

from __future__ import annotations

from typing import Any

from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.engines.spark import quote, types
from odibi_dagster.sql.types import Schema
from odibi_dagster.storage.location import Location


def table(spark: Any, read: TableFiles) -> Any:
    """A DataFrame with exactly the table's columns, in its order and types, at the pinned version.

    Spark reads the table's log itself, and so skips files by partitions and statistics.

    Args:
        spark: the session.
        read: the pinned version.
    """
    reader = spark.read.format("delta").option("versionAsOf", str(read.version))
    return cast(reader.load(url(read.url)), read.schema)


def cast(frame: Any, schema: Schema) -> Any:
    """The DataFrame's columns as the schema has them: in its order, with its names and types."""
    found = {field.name.lower(): types.found(field.dataType) for field in frame.schema.fields}
    return frame.selectExpr(
        *(
            quote.name(column.name)
            if found.get(column.name.lower()) == column.type
            else f"CAST({quote.name(column.name)} AS {types.ddl(column.type)}) AS {quote.name(column.name)}"
            for column in schema
        )
    )


def url(place: str) -> str:
    """A URL as Hadoop's clients spell it; a local folder never means one of Spark's default file system."""
    location = Location.parse(place)
    return location.for_spark() if location.remote else f"file://{location.path}"
