"""The contract of a table's columns, and the declared schema of a source."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator

from odibi_dagster.sql.types import SparkType, parse_type
from odibi_dagster.tables.section import ColumnName, Section, distinct_keys, problem
from odibi_dagster.tables.spec import ColumnSpec


def _type(value: Any) -> SparkType:
    if not isinstance(value, str):
        raise problem(f"`{value}` is not a type.", "Write one like bigint, string, date or decimal(10,2).")
    try:
        return parse_type(value)
    except ValueError as error:
        if value.count("(") > value.count(")") or value.count("<") > value.count(">"):
            raise problem(
                f"`{value}` is half a type.",
                'Between braces, a type with a comma is quoted: {type: "decimal(10,2)"}.',
            ) from None
        raise problem(f"`{value}` is not a type.", f"{error}.") from None


def _short(value: Any) -> Any:
    if value is None:
        return {}
    return {"type": value} if isinstance(value, str) else value


TypeName: TypeAlias = Annotated[SparkType, BeforeValidator(_type)]


class ColumnSection(Section):
    """One value of `columns:`."""

    type: TypeName | None = None
    description: str = ""
    unit: str = ""
    pii: bool = False
    nullable: bool = True

    def column(self, name: str) -> ColumnSpec:
        """The line of the contract that this section means."""
        return ColumnSpec(name, self.type, self.description, self.unit, self.pii, self.nullable)


ColumnContract: TypeAlias = Annotated[
    dict[ColumnName, Annotated[ColumnSection, BeforeValidator(_short)]], AfterValidator(distinct_keys)
]
DeclaredSchema: TypeAlias = Annotated[dict[ColumnName, TypeName], AfterValidator(distinct_keys)]
