"""One expectation of a header: exactly one rule, and what happens on failure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from odibi_dagster.tables.section import (
    ColumnName,
    Columns,
    Duration,
    Section,
    choice,
    distinct_keys,
    problem,
)
from odibi_dagster.tables.spec import (
    LAYERS,
    AcceptedRule,
    AcceptedValue,
    Expectation,
    FreshRule,
    NotNullRule,
    OnFail,
    ReferencesRule,
    RowsRule,
    Rule,
    SqlRule,
    UniqueRule,
)

RULES = ("sql", "unique", "not_null", "accepted", "references", "rows", "fresh")
_NO_DROP = {
    "rows": "It is about the whole result: use on_fail: fail or warn.",
    "fresh": "It is about the whole result: use on_fail: fail or warn.",
}


def _accepted(values: Any) -> Any:
    values = values if isinstance(values, list) else [values]
    if not values:
        raise problem("The list of accepted values is empty.", "List at least one value; null accepts NULL.")
    for value in values:
        if isinstance(value, list | dict):
            raise problem(
                f"`{value}` is not a single value.", "List texts, numbers, true/false, days or null."
            )
    return tuple(values)


class RowsSection(Section):
    """How many rows the whole result has."""

    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _check(self) -> RowsSection:
        if self.min is None and self.max is None:
            raise problem("`rows` has neither min nor max.", "Write rows: {min: 1}, for example.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise problem(f"min {self.min} is more than max {self.max}.", "Exchange them.")
        return self


class FreshSection(Section):
    """How old the newest value of a column may be."""

    column: ColumnName
    within: Duration


class ExpectationSection(Section):
    """One value of `expect:`."""

    sql: str | None = None
    unique: Columns | None = None
    not_null: Columns | None = None
    accepted: (
        Annotated[dict[ColumnName, Annotated[Any, BeforeValidator(_accepted)]], AfterValidator(distinct_keys)]
        | None
    ) = None
    references: Annotated[dict[ColumnName, str], AfterValidator(distinct_keys)] | None = None
    rows: RowsSection | None = None
    fresh: FreshSection | None = None
    on_fail: Annotated[OnFail, choice(("fail", "drop", "warn"), later=("quarantine",))] = "fail"

    @model_validator(mode="after")
    def _check(self) -> ExpectationSection:
        given = self._given()
        if len(given) != 1:
            what = f"It has the rules {', '.join(given)}." if given else "It has no rule."
            remedy = f"Give exactly one of {', '.join(RULES)}" + (
                "; make an expectation of each." if given else "."
            )
            raise problem(what, remedy)
        if given[0] in ("accepted", "references") and not getattr(self, given[0]):
            raise problem(f"`{given[0]}` names no column.", f"Write {given[0]}: {{column: …}}.")
        if self.on_fail == "drop" and given[0] in _NO_DROP:
            raise problem(f"`{given[0]}` cannot drop rows.", _NO_DROP[given[0]])
        if self.references:
            _one_table(self.references)
        return self

    def _given(self) -> list[str]:
        return [name for name in RULES if getattr(self, name) is not None]

    @property
    def rule(self) -> str:
        """The key of its rule."""
        return self._given()[0]

    def expectation(self, name: str, line: int | None) -> Expectation:
        """The expectation that this section means."""
        return Expectation(name=name, rule=self._rule(), on_fail=self.on_fail, line=line)

    def _rule(self) -> Rule:
        if self.sql is not None:
            return SqlRule(self.sql)
        if self.unique is not None:
            return UniqueRule(self.unique)
        if self.not_null is not None:
            return NotNullRule(self.not_null)
        if self.accepted is not None:
            values: dict[str, tuple[AcceptedValue, ...]] = dict(self.accepted)
            return AcceptedRule(values)
        if self.references is not None:
            table, columns = _one_table(self.references)
            return ReferencesRule(tuple(self.references), table, columns)
        if self.rows is not None:
            return RowsRule(self.rows.min, self.rows.max)
        assert self.fresh is not None  # _check found exactly one rule
        return FreshRule(self.fresh.column, self.fresh.within)


def _one_table(references: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """The table that all of the values name, and its columns in order."""
    tables, columns = [], []
    for target in references.values():
        layer, _, rest = target.partition(".")
        table, _, column = rest.partition(".")
        if layer not in LAYERS or not table or not column or "." in column:
            raise problem(
                f"`{target}` is not layer.table.column.", "Write it like silver.customers.customer_id."
            )
        tables.append(f"{layer}.{table}")
        columns.append(column)
    if len(set(tables)) > 1:
        raise problem(
            f"`references` names several tables: {', '.join(dict.fromkeys(tables))}.",
            "Make an expectation for each; columns listed together are one composite key.",
        )
    return tables[0], tuple(columns)
