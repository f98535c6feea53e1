from __future__ import annotations

import json

import pytest

from odibi_dagster_tests.cli.conftest import Here
from odibi_dagster_tests.cli.shop import Shop

ORDERED = "SELECT order_id, region, amount FROM silver.orders ORDER BY order_id"


def test_rows_as_json_csv_and_table(made: Shop, here: Here) -> None:
    code, out, err = here(made, "query", ORDERED, "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {"order_id": 1, "region": "north", "amount": "10.00"},
        {"order_id": 2, "region": "south", "amount": "20.50"},
        {"order_id": 4, "region": "west", "amount": "5.25"},
    ]
    code, out, _ = here(made, "query", ORDERED, "--format", "csv")
    assert out == "order_id,region,amount\n1,north,10.00\n2,south,20.50\n4,west,5.25\n"
    code, out, _ = here(made, "query", "SELECT CAST(NULL AS INT) AS n, TRUE AS yes, DATE '2024-02-03' AS day")
    assert out.splitlines()[2].split() == ["NULL", "true", "2024-02-03"]
    assert out.splitlines()[-1] == "1 row"


def test_a_limit_says_that_there_is_more(made: Shop, here: Here) -> None:
    code, out, err = here(made, "query", ORDERED, "--format", "csv", "--limit", "2")
    assert (code, out.count("\n")) == (0, 3)
    assert "more rows than these 2" in err
    code, out, err = here(made, "query", ORDERED, "--format", "csv", "--limit", "3")
    assert (code, err) == (0, "")
    assert "more rows" in here(made, "query", ORDERED, "--limit", "1")[1]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DROP TABLE silver.orders", "This is not a SELECT."),
        ("SELECT 1; SELECT 2", "There are 2 statements."),
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv"),
        ("SELECT nofun(1) AS x, nofun2(1) AS y", "nofun2"),
        ("SELECT * FROM silver.ordres", "Did you mean `silver.orders`?"),
        ("SELECT amuont FROM silver.orders", "The column amuont does not exist."),
        ("SELECT :partition_key AS x", "A query has no partition"),
        ("SELECT CAST(region AS INT) AS x FROM silver.orders", "the query: It cannot be answered."),
    ],
)
def test_refused_things_are_explained(made: Shop, here: Here, sql: str, told: str) -> None:
    code, out, err = here(made, "query", sql)
    assert (code, out) == (1, "")
    assert told in err and "definitions do not load" not in err


def test_a_query_changes_nothing(made: Shop, here: Here) -> None:
    before = made.snapshot("lake", "home")
    assert here(made, "query", ORDERED)[0] == 0
    assert made.snapshot("lake", "home") == before
