"""Partition values as the Delta log spells them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import BIGINT, BOOLEAN, DATE, INT, SMALLINT, STRING, TINYINT, Schema, SparkType
from odibi_dagster.sql.types import Decimal as DecimalType

#: A timestamp or a float has more than one spelling, so "the same partition" would not be one question.
_PARTITIONABLE = (STRING, BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, DATE)


def serialize(value: object, type_: SparkType) -> str | None:
    """A partition value in Delta's serialization; NULL is None.

    The spelling is unique: two values are equal exactly if their serializations are.
    Source: Delta transaction protocol, "Partition Value Serialization".

    Args:
        value: what the log's reader returned for the column: str, int, bool, date, Decimal or None.
        type_: the column's type.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date) and type_ == DATE:
        return value.isoformat()
    return str(value)


def refuse_types(schema: Schema, partition_by: tuple[str, ...], where: Where) -> None:
    """Stops before a table is partitioned by a column whose values have more than one spelling.

    Raises:
        DataError: a partition column is missing, or is a float, timestamp, binary or nested column.
    """
    types = {column.name: column.type for column in schema}
    for name in partition_by:
        if name not in types:
            raise DataError(
                f"There is no column {name} to partition by.",
                where=where,
                why=f"the result has the columns {', '.join(types)}",
                remedy="Correct `partition_by:` or add the column to the SELECT.",
            )
        if types[name] not in _PARTITIONABLE and not isinstance(types[name], DecimalType):
            raise DataError(
                f"Column {name} is {types[name]}, and cannot be partitioned by.",
                where=where,
                why="its values have more than one spelling as folder names",
                remedy=f"Partition by a date, a string or a whole number made from {name}.",
            )
