"""Spark's own SQL: what the catalogue lacks is allowed, what reaches outside of the inputs is not."""

from __future__ import annotations

import pytest

from odibi_dagster.errors import ConfigError
from odibi_dagster.sql.native import check_native_predicate, parse_native


def parse(sql: str) -> tuple[str, ...]:
    return parse_native(sql, file="gold/x.sql", table="gold.x").inputs


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT histogram_numeric(a, 3) AS h, b RLIKE '\\d' AS r FROM silver.x GROUP BY ALL",
        "SELECT * EXCEPT (a) FROM silver.x LATERAL VIEW explode(b) e AS c",
        "SELECT * FROM silver.x PIVOT (sum(a) FOR b IN (1, 2))",
        "WITH t AS (SELECT 1 AS a) SELECT a FROM t JOIN silver.x USING (a)",
        "SELECT CAST(a AS VARCHAR(3)) AS a, s:field::int AS f FROM silver.x",
    ],
)
def test_whatever_spark_knows_is_allowed(sql: str) -> None:
    assert parse(sql) == ("silver.x",)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM parquet.`/etc/passwd`",
        "SELECT * FROM `/etc/passwd`",
        "SELECT * FROM read_files('/etc')",
        "SELECT * FROM IDENTIFIER('parquet.`/x`')",
        "SELECT * FROM other.x",
        "SELECT * FROM silver.x VERSION AS OF 1",
        "SELECT * FROM silver.x TIMESTAMP AS OF '2024-01-01'",
        "SELECT * FROM STREAM(silver.x)",
        "SELECT TRANSFORM(a) USING 'cat' AS (b) FROM silver.x",
        "SELECT reflect('java.lang.System', 'exit', 0) FROM silver.x",
        "SELECT JAVA_METHOD('a', 'b') FROM silver.x",
        "SELECT a FROM silver.x WHERE b IN (SELECT try_reflect('a', 'b'))",
        "SELECT 1; SELECT 2",
        "INSERT INTO silver.x SELECT 1",
        "CREATE FUNCTION f AS 'x'",
        "DROP TABLE silver.x",
        "SET spark.sql.ansi.enabled = false",
        "SELECT :other FROM silver.x",
    ],
)
def test_what_reaches_outside_is_refused(sql: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(sql)
    assert "gold.x" in str(caught.value)


def test_conditions() -> None:
    def check(text: str) -> str:
        return check_native_predicate(text, file="f.sql", line=3, table="gold.x")

    assert check(" a > 0 -- why\n ; ") == "a > 0"
    assert check("exists(b, x -> x > 1) AND c RLIKE '^\\d'") == "exists(b, x -> x > 1) AND c RLIKE '^\\d'"
    for text in ("a IN (SELECT 1)", "now() > a", "row_number() OVER (ORDER BY a) = 1", "reflect('a', 'b')",
                 "a AS b", "a; b"):  # fmt: skip
        with pytest.raises(ConfigError):
            check(text)
