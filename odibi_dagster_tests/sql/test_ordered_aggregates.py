"""What Spark leaves open raises here, or is refused: no run writes other rows than the one before."""

from __future__ import annotations

import duckdb
import pytest

from odibi_dagster.errors import SqlError
from odibi_dagster_tests.sql.conftest import Lake

ROWS = [(1, "a", 1, 5), (2, "b", 1, 5), (3, "b", 2, 7), (4, "b", 2, 7)]


@pytest.fixture(scope="module")
def tied(lake: Lake) -> Lake:
    lake.table("silver.v", "id int, k string, g int, y int", ROWS)
    return lake


@pytest.mark.parametrize(
    "expression",
    [
        "max_by(id, y)",
        "min_by(k, y)",
        "mode(g)",
        "listagg(k, ',') WITHIN GROUP (ORDER BY g)",
        "listagg(id, ',') WITHIN GROUP (ORDER BY y DESC)",
    ],
)
def test_a_choice_that_spark_leaves_open_raises(tied: Lake, expression: str) -> None:
    with pytest.raises(duckdb.Error, match=r"Spark may take any|leaves a choice"):
        tied.value(f"{expression} FROM silver.v --")


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("max_by(k, y)", "b"),  # both rows with the greatest y have the same k
        ("max_by(id, struct(y, id))", 4),
        ("mode() WITHIN GROUP (ORDER BY g)", 1),
        ("listagg(k, ',') WITHIN GROUP (ORDER BY g DESC, id)", "b,b,a,b"),
        ("listagg(k, ',') WITHIN GROUP (ORDER BY k)", "a,b,b,b"),
        ("sort_array(collect_list(k))", ["a", "b", "b", "b"]),
    ],
)
def test_where_there_is_no_choice_it_answers(tied: Lake, expression: str, answer: object) -> None:
    assert tied.value(f"{expression} FROM silver.v --") == answer


@pytest.mark.parametrize(
    "expression",
    ["collect_list(k)", "collect_set(k)", "array_agg(k)", "transform(collect_list(k), x -> x)",
     "array_join(collect_set(k), ',')", "collect_list(k)[0]"],
)  # fmt: skip
def test_an_array_in_the_order_of_the_rows_is_refused(tied: Lake, expression: str) -> None:
    with pytest.raises(SqlError, match="another order on every run") as caught:
        tied.value(f"{expression} FROM silver.v --")
    assert "sort_array(" in str(caught.value)


def test_a_lambdas_variable_hides_a_column_and_an_outer_variable(tied: Lake) -> None:
    rows = tied.rows("SELECT transform(array(id), id -> id * 10) AS x FROM silver.v ORDER BY v.id LIMIT 1")
    assert rows == [([10],)]
    nested = "transform(array(1, 2), x -> transform(array(7), x -> x))"
    assert tied.value(f"{nested} FROM silver.v ORDER BY id LIMIT 1 --") == [[7], [7]]
    both = "transform(array(1, 2), x -> transform(array(10), y -> x + y + id))"
    assert tied.value(f"{both} FROM silver.v ORDER BY id LIMIT 1 --") == [[12], [13]]
