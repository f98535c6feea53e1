"""Queries of the kind that the shipped tables have, with results worked out by hand."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from odibi_dagster.errors import SqlError
from odibi_dagster.sql import compile_query, parse_query
from odibi_dagster_tests.sql.conftest import NOW, Lake

D, day = Decimal, datetime.date


@pytest.fixture(scope="module")
def shop() -> Iterator[Lake]:
    with duckdb.connect() as connection:
        lake = Lake(connection)
        lake.table(
            "bronze.customers",
            "customer_id int, name string, email string, status string, updated_at timestamp",
            [
                (1, " ann ", "A@X ", None, datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)),
                (1, "Ann ", "a@x", "active", datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)),
                (2, "straße", "b@x", None, None),
                (None, "x", "c@x", None, None),
            ],
        )
        lake.table(
            "bronze.orders",
            "order_id bigint, customer_id int, product_id int, amount decimal(12,4), quantity bigint, "
            "order_date string",
            [
                (1, 1, 7, D("10.0050"), 3, "2024-01-31"),
                (2, 1, 7, D("10.0049"), 1, "2024-2-1"),
                (3, 2, 8, D("0.1250"), 2, "2024-03-01 10:00"),
                (4, 2, 8, D("-5"), 2, "2024-03-01"),
                (5, None, 8, D("5"), 2, "2024-03-01"),
            ],
        )
        lake.table(
            "silver.orders",
            "order_id bigint, customer_id int, product_id int, amount decimal(10,2), quantity int, "
            "order_date date",
            [
                (1, 1, 7, D("10.01"), 3, day(2024, 1, 31)),
                (2, 1, 7, D("10.00"), 1, day(2024, 2, 1)),
                (3, 2, 8, D("0.13"), 2, day(2024, 3, 1)),
                (4, 1, 8, D("0.01"), 32, day(2024, 3, 2)),
            ],
        )
        lake.table("silver.customers", "customer_id int, name string", [(1, "ANN"), (2, "BOB"), (3, "EVE")])
        lake.table("bronze.products", "product_id int, product_name string, category string",
                   [(7, "pen", "office"), (8, "cup", None), (9, "mat", "home")])  # fmt: skip
        yield lake


SILVER_ORDERS = """
SELECT order_id, CAST(amount AS DECIMAL(10,2)) AS amount, CAST(quantity AS INT) AS quantity,
       TO_DATE(order_date) AS order_date, CURRENT_TIMESTAMP() AS processed_at
FROM bronze.orders
WHERE order_id IS NOT NULL AND customer_id IS NOT NULL AND amount > 0 AND quantity > 0
ORDER BY order_id
"""


def test_silver_orders(shop: Lake) -> None:
    assert shop.types(SILVER_ORDERS) == ["bigint", "decimal(10,2)", "int", "date", "timestamp"]
    assert shop.rows(SILVER_ORDERS) == [
        (1, D("10.01"), 3, day(2024, 1, 31), NOW),
        (2, D("10.00"), 1, day(2024, 2, 1), NOW),
        (3, D("0.13"), 2, day(2024, 3, 1), NOW),
    ]


def test_a_cast_between_decimals_stays_a_native_cast_and_filters_stay_bare(shop: Lake) -> None:
    sql = shop.compile(SILVER_ORDERS).sql
    assert 'CAST("orders"."amount" AS DECIMAL(10,2))' in sql
    assert '"orders"."amount" > CAST(0 AS DECIMAL(12,4))' in sql


def test_silver_customers_keeps_the_newest_row(shop: Lake) -> None:
    sql = """
    WITH ranked AS (
      SELECT *, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY updated_at DESC) AS newest
      FROM bronze.customers
    )
    SELECT customer_id, TRIM(UPPER(name)) AS name, LOWER(TRIM(email)) AS email,
           CASE WHEN status IS NULL THEN 'inactive' ELSE status END AS status
    FROM ranked WHERE newest = 1 AND customer_id IS NOT NULL ORDER BY 1
    """
    assert shop.rows(sql) == [(1, "ANN", "a@x", "active"), (2, "STRASSE", "b@x", "inactive")]
    assert shop.types(sql) == ["int", "string", "string", "string"]
    assert shop.types("SELECT row_number() OVER (ORDER BY name) AS n FROM silver.customers") == ["int"]


def test_gold_customer_metrics(shop: Lake) -> None:
    sql = """
    SELECT c.customer_id, c.name, COUNT(o.order_id) AS total_orders, SUM(o.amount) AS total_spent,
           AVG(o.amount) AS avg_order_value, MIN(o.order_date) AS first, MAX(o.order_date) AS last,
           DATEDIFF(MAX(o.order_date), MIN(o.order_date)) AS days
    FROM silver.customers c LEFT JOIN silver.orders o ON c.customer_id = o.customer_id
    GROUP BY c.customer_id, c.name ORDER BY c.customer_id
    """
    assert shop.types(sql)[2:] == ["bigint", "decimal(20,2)", "decimal(14,6)", "date", "date", "int"]
    assert shop.rows(sql) == [
        (1, "ANN", 3, D("20.02"), D("6.673333"), day(2024, 1, 31), day(2024, 3, 2), 31),
        (2, "BOB", 1, D("0.13"), D("0.130000"), day(2024, 3, 1), day(2024, 3, 1), 0),
        (3, "EVE", 0, None, None, None, None, None),
    ]


def test_gold_product_metrics(shop: Lake) -> None:
    sql = """
    SELECT p.product_id, p.category, COUNT(o.order_id) AS times_ordered, SUM(o.quantity) AS sold,
           SUM(o.amount) AS total_revenue, AVG(o.amount / o.quantity) AS avg_price_per_unit
    FROM bronze.products p LEFT JOIN silver.orders o ON p.product_id = o.product_id
    GROUP BY p.product_id, p.category HAVING times_ordered > 0 ORDER BY total_revenue DESC
    """
    assert shop.types(sql)[2:] == ["bigint", "bigint", "decimal(20,2)", "decimal(25,17)"]
    # 10.01/3 = 3.3366666666667 and 10.00; 0.13/2 = 0.065 and 0.01/32 = 0.0003125
    assert shop.rows(sql) == [
        (7, "office", 2, 4, D("20.01"), D("6.66833333333335000")),
        (8, None, 2, 34, D("0.14"), D("0.03265625000000000")),
    ]


def test_partition_parameters(shop: Lake) -> None:
    sql = """SELECT order_id, :partition_key AS k FROM silver.orders
             WHERE CAST(order_date AS TIMESTAMP) >= :partition_start AND order_date < :partition_end
             ORDER BY 1"""
    start = datetime.datetime(2024, 2, 1, tzinfo=datetime.UTC)
    rows = shop.rows(sql, partition_key="2024-02", partition_start=start, partition_end="2024-03-01")
    assert rows == [(2, "2024-02")]
    with pytest.raises(SqlError, match="has no value"):
        shop.rows(sql)


def test_one_instant_for_the_whole_write(shop: Lake) -> None:
    sql = "SELECT current_timestamp() AS a, now() AS b, CURRENT_TIMESTAMP AS c, current_date() AS d, "
    sql += "CURRENT_DATE AS e"
    assert shop.rows(sql) == [(NOW, NOW, NOW, NOW.date(), NOW.date())]
    query = parse_query(sql, file="f.sql", table="t")
    with pytest.raises(ValueError, match="time zone"):
        compile_query(query, {}, now=datetime.datetime(2024, 1, 1))


def test_output_names_are_sparks(shop: Lake) -> None:
    def name(expression: str) -> str:
        return shop.compile(f"SELECT {expression} FROM silver.orders AS o").columns[0].name

    assert name("Customer_ID") == "Customer_ID"
    assert name("o.order_id") == "order_id"
    assert name("COUNT(*)") == "count(1)"
    assert name("SUM(o.amount) FILTER (WHERE quantity > 1)") == "sum(amount) FILTER (WHERE (quantity > 1))"
    assert name("CAST(amount AS INT)") == "amount"
    assert name("CASE WHEN quantity <> 1 THEN 'a' END") == "CASE WHEN (NOT (quantity = 1)) THEN a END"


ERRORS = {
    "SELECT\n  amout FROM silver.orders": (2, r"amout does not exist.*Did you mean amount\?"),
    "SELECT customer_id\nFROM silver.orders o\nJOIN silver.customers c ON customer_id = 1": (3, "ambiguous"),
    "SELECT x.amount FROM silver.orders o": (1, "no table or alias x.*Known here: o"),
    "SELECT *\nFROM silver.orders o JOIN silver.customers c USING (customer_id), silver.orders o": (
        2,
        "stands twice",
    ),
    "SELECT name + 1 AS a FROM silver.customers": (1, r"string \+ int is not supported"),
    "SELECT * FROM silver.customers\nWHERE name = 1": (2, "string and int have no common type"),
    "SELECT * FROM silver.customers WHERE customer_id": (1, "WHERE needs a boolean"),
    "SELECT a.* FROM (SELECT 1 AS x, 2 AS X) a": (1, "Two columns are called X"),
    "SELECT customer_id,\n  amount FROM silver.orders GROUP BY customer_id": (2, "amount is neither grouped"),
    "SELECT sum(amount) AS s, order_id FROM silver.orders": (1, "order_id is neither grouped"),
    "SELECT order_id FROM silver.orders WHERE sum(amount) > 1": (1, "WHERE cannot use the aggregate"),
    "SELECT order_id FROM silver.orders WHERE row_number() OVER (ORDER BY order_id) = 1": (
        1,
        "window function",
    ),
    "SELECT sum(sum(amount)) AS s FROM silver.orders": (1, "aggregate"),
    "SELECT row_number() OVER (PARTITION BY order_id) AS r FROM silver.orders": (1, "no order"),
    "SELECT 1 AS a UNION ALL SELECT 1, 2": (1, "UNION of 1 and 2 columns"),
    "SELECT 1 AS a UNION ALL SELECT 'x'": (1, "UNION, column a: int and string"),
    "SELECT NULL AS a": (1, "always NULL"),
    "SELECT CAST(CAST(1 AS DOUBLE) AS STRING) AS a": (1, "depends on the Java version"),
    "SELECT CAST(1 AS FLOAT) + 1 AS a": (1, "float"),
    "SELECT DISTINCT name FROM silver.customers\nORDER BY customer_id": (2, "not selected"),
    "SELECT a FROM silver.orders ORDER BY 2": (1, "a does not exist"),
    "SELECT order_id FROM silver.orders ORDER BY 2": (1, "no column 2"),
    "SELECT DATE '2024-02-30' AS a": (1, "is not a date"),
    "SELECT order_id FROM silver.orders WHERE order_date > 'yesterday'": (1, "is not a date"),
    "SELECT o.order_id FROM silver.orders o SEMI JOIN silver.customers c": (1, "needs ON or USING"),
    "SELECT (SELECT customer_id, name FROM silver.customers) AS x": (1, "one column, not 2"),
    "SELECT (SELECT o.amount) AS x FROM silver.orders o": (1, "no table or alias o"),
}


@pytest.mark.parametrize("sql", ERRORS)
def test_mistakes_are_named_with_their_line(shop: Lake, sql: str) -> None:
    line, message = ERRORS[sql]
    with pytest.raises(SqlError) as caught:
        shop.compile(sql)
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)
    assert caught.value.where.line == line
    assert str(caught.value).startswith("silver.t, silver/t.sql:")


def test_unknown_input(shop: Lake) -> None:
    with pytest.raises(SqlError, match=r"columns of gold\.nothing are not known"):
        shop.compile("SELECT * FROM gold.nothing")


def test_nullability(shop: Lake) -> None:
    sql = (
        "SELECT count(*) AS n, max(order_id) AS m, coalesce(sum(amount), 0) AS c, 1 AS one FROM silver.orders"
    )
    assert [column.nullable for column in shop.compile(sql).columns] == [False, True, False, False]


@pytest.mark.parametrize("sql", [
    "SELECT 1 / 0 AS a", "SELECT 1 % 0 AS a", "SELECT 1 DIV 0 AS a", "SELECT 1.0 / 0 AS a",
    "SELECT 1.5 % 0 AS a",
    "SELECT 2147483647 + 1 AS a", "SELECT CAST('1.9' AS INT) AS a", "SELECT CAST('1_000' AS INT) AS a",
    "SELECT CAST('epoch' AS DATE) AS a", "SELECT to_date('2024/01/31') AS a",
    "SELECT CAST(1000 AS TINYINT) AS a",
    "SELECT CAST(99.95 AS DECIMAL(3,1)) AS a", "SELECT CAST('maybe' AS BOOLEAN) AS a",
    "SELECT (SELECT customer_id FROM silver.customers) AS a",
    "SELECT sum(x) AS a FROM (SELECT 9223372036854775807 "
    "AS x UNION ALL SELECT 1)", "SELECT to_date('31-01-2024', 'dd/MM/yyyy') AS a",
])  # fmt: skip
def test_what_raises_in_spark_raises_here(shop: Lake, sql: str) -> None:
    with pytest.raises((SqlError, duckdb.Error)):
        shop.rows(sql)
