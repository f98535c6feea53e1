"""Which schema may follow which."""

from __future__ import annotations

import pytest

from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.schema import Change, plan_change, refuse_broken_contract
from odibi_dagster.sql.types import BIGINT, DATE, INT, STRING, Column, Schema, SparkType
from odibi_dagster.sql.types import Decimal as DecimalType

WHERE = Where(table="silver.t", url="/lake/silver/t")
A, B, C = Column("a", BIGINT), Column("b", STRING), Column("c", DATE)


def test_the_same_columns_in_any_order_change_nothing() -> None:
    assert plan_change((B, A), (A, B), {}, "append", WHERE) == Change()


def test_nullability_is_no_difference() -> None:
    assert plan_change((Column("a", BIGINT, nullable=False),), (A,), {}, "append", WHERE) == Change()


@pytest.mark.parametrize("kind", ["full", "append", "partition"])
def test_named_columns_are_added(kind: str) -> None:
    assert plan_change((A, C, B), (A,), {"b": None, "c": DATE}, kind, WHERE) == Change(add=(C, B))


def test_every_difference_is_shown() -> None:
    with pytest.raises(DataError) as caught:
        plan_change((Column("a", INT), C), (A, B), {}, "append", WHERE)
    text = str(caught.value)
    assert "b: in the table, not in the result (string)" in text
    assert "a: bigint in the table, int in the result" in text
    assert "c: new (date)" in text
    assert "silver.t, /lake/silver/t" in text and "Cast or rename" in text


def test_an_unnamed_column_is_refused_with_its_own_remedy() -> None:
    with pytest.raises(DataError, match="let the table grow"):
        plan_change((A, B, C), (A,), {"b": STRING}, "full", WHERE)


CASES: list[tuple[Schema, dict[str, SparkType | None]]] = [
    ((Column("a", INT),), {"a": INT}),
    ((C,), {"c": DATE}),
    ((Column("a", DecimalType(12, 2)), C), {"c": DATE, "a": DecimalType(12, 2)}),
]


@pytest.mark.parametrize(("staged", "declared"), CASES)
def test_a_complete_contract_replaces_a_full_table_alone(
    staged: Schema, declared: dict[str, SparkType | None]
) -> None:
    assert plan_change(staged, (A, B), declared, "full", WHERE) == Change(replace=True)
    for kind in ("append", "partition"):
        with pytest.raises(DataError):
            plan_change(staged, (A, B), declared, kind, WHERE)


@pytest.mark.parametrize("declared", [{}, {"c": None}, {"c": DATE, "a": BIGINT}, {"c": STRING}])
def test_an_incomplete_contract_replaces_nothing(declared: dict[str, SparkType | None]) -> None:
    with pytest.raises(DataError):
        plan_change((C,), (A, B), declared, "full", WHERE)


def test_a_contract_names_what_is_missing_and_what_differs() -> None:
    with pytest.raises(DataError) as caught:
        refuse_broken_contract((A, B), {"a": INT, "b": None, "z": None}, WHERE)
    assert "z is missing" in str(caught.value) and "a is bigint, declared int" in str(caught.value)
    refuse_broken_contract((A, B), {"a": BIGINT, "b": None}, WHERE)
