from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from odibi_dagster_tests.sql.conftest import Lake


@pytest.fixture(scope="module")
def tables() -> Iterator[Lake]:
    with duckdb.connect() as connection:
        lake = Lake(connection)
        lake.table("silver.o", "id int, cid int, amount decimal(10,2), q int, d date")
        lake.table("silver.c", "cid int, name string, city string")
        yield lake


def lineage(lake: Lake, sql: str) -> dict[str, list[str]]:
    found = lake.compile(sql).lineage
    return {name: [f"{table}.{column}" for table, column in origins] for name, origins in found.items()}


def test_through_with_joins_stars_and_aggregates(tables: Lake) -> None:
    sql = """
    WITH paid AS (SELECT *, amount * q AS total FROM silver.o WHERE d > '2024-01-01'),
         named AS (SELECT c.*, upper(name) AS loud FROM silver.c c)
    SELECT n.loud, n.city AS place, sum(p.total) AS spent, count(*) AS n, count(p.id) AS orders, 1 AS one
    FROM named n LEFT JOIN paid p ON n.cid = p.cid GROUP BY n.loud, n.city
    """
    assert lineage(tables, sql) == {
        "loud": ["silver.c.name"],
        "place": ["silver.c.city"],
        "spent": ["silver.o.amount", "silver.o.q"],
        "n": [],
        "orders": ["silver.o.id"],
        "one": [],
    }


def test_set_operations_add_up(tables: Lake) -> None:
    assert lineage(tables, "SELECT cid AS k FROM silver.o UNION ALL SELECT cid FROM silver.c") == {
        "k": ["silver.o.cid", "silver.c.cid"]
    }
    assert lineage(tables, "SELECT cid FROM silver.o EXCEPT SELECT cid FROM silver.c") == {
        "cid": ["silver.o.cid"]
    }


def test_using_subqueries_case_and_windows(tables: Lake) -> None:
    sql = """
    SELECT cid, CASE WHEN q > 1 THEN amount ELSE 0 END AS a,
           (SELECT max(name) FROM silver.c) AS m, rank() OVER (PARTITION BY city ORDER BY d) AS r
    FROM silver.o FULL JOIN silver.c USING (cid)
    """
    assert lineage(tables, sql) == {
        "cid": ["silver.o.cid", "silver.c.cid"],
        "a": ["silver.o.q", "silver.o.amount"],
        "m": ["silver.c.name"],
        "r": ["silver.c.city", "silver.o.d"],
    }


def test_inner_with_hides_outer_and_lateral_aliases_count(tables: Lake) -> None:
    sql = """
    WITH x AS (SELECT cid AS v FROM silver.c)
    SELECT t.v, w FROM (WITH x AS (SELECT id AS v FROM silver.o) SELECT v, v + 1 AS u, u * 2 AS w FROM x) t
    """
    assert lineage(tables, sql) == {"v": ["silver.o.id"], "w": ["silver.o.id"]}
