"""Only inputs, the current time and parameters are put into the user's text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from odibi_dagster.engines.spark.query import bound
from odibi_dagster.errors import SqlError
from odibi_dagster.sql.native import parse_native

NOW = datetime(2024, 5, 17, 23, 30, 15, 123456, tzinfo=UTC)
AT = "TIMESTAMP '2024-05-17 23:30:15.123456+00:00'"


def put(sql: str, **parameters: object) -> str:
    query = parse_native(sql, file="gold/x.sql", table="gold.x")
    return bound(query, {"silver.x": "v1", "gold.t": "v2"}, NOW, parameters)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM silver.x", "SELECT a FROM `v1` AS `x`"),
        ("SELECT x.a FROM SILVER . `X` AS x", "SELECT x.a FROM `v1` AS x"),
        (
            "SELECT 'silver.x' AS a -- silver.x\nFROM silver.x s;",
            "SELECT 'silver.x' AS a -- silver.x\nFROM `v1` s",
        ),
        (
            "WITH x AS (SELECT 1 AS a) SELECT * FROM x JOIN gold.t USING (a)",
            "WITH x AS (SELECT 1 AS a) SELECT * FROM x JOIN `v2` AS `t` USING (a)",
        ),
        (
            "SELECT now() AS a, CURRENT_TIMESTAMP AS b FROM silver.x v",
            f"SELECT {AT} AS a, {AT} AS b FROM `v1` v",
        ),
        (
            "SELECT current_date() AS a, ts AS now, v.now, `now`, 'now()' AS b FROM silver.x v",
            "SELECT DATE '2024-05-17' AS a, ts AS now, v.now, `now`, 'now()' AS b FROM `v1` v",
        ),
        ("SELECT unix_timestamp(a) AS a FROM silver.x v", "SELECT unix_timestamp(a) AS a FROM `v1` v"),
    ],
)
def test_the_text(sql: str, expected: str) -> None:
    assert put(sql) == expected


def test_parameters() -> None:
    sql = "SELECT s:partition_key AS a FROM silver.x v WHERE k = :partition_key AND t >= :partition_start"
    put_in = put(sql, partition_key="it's \\ 1", partition_start=NOW)
    assert put_in == (
        f"SELECT s:partition_key AS a FROM `v1` v WHERE k = 'it\\'s \\\\ 1' AND t >= {AT}"
    )  # fmt: skip
    with pytest.raises(SqlError, match=":partition_key has no value"):
        put("SELECT :partition_key AS a FROM silver.x")
