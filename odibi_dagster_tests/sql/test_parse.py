from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from odibi_dagster.errors import ConfigError, ConfigErrors, SqlError
from odibi_dagster.sql import parse_query

Parse = Callable[..., Any]


def test_inputs_in_order_of_first_appearance_without_with_names(parse: Parse) -> None:
    sql = """WITH recent AS (SELECT * FROM silver.orders), silver AS (SELECT * FROM recent)
             SELECT * FROM silver JOIN BRONZE.Customers c USING (id)
             WHERE EXISTS (SELECT 1 FROM gold.x) AND id IN (SELECT id FROM silver.orders)"""
    assert parse(sql).inputs == ("silver.orders", "bronze.customers", "gold.x")


def test_a_name_from_with_is_known_only_where_it_is_defined(parse: Parse) -> None:
    with pytest.raises(SqlError, match="inner_one in FROM is neither"):
        parse(
            "SELECT * FROM (WITH inner_one AS (SELECT 1 AS a) SELECT a FROM inner_one) JOIN inner_one ON true"
        )
    with pytest.raises(SqlError, match="b in FROM is neither"):
        parse("WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a")


def test_fingerprint_ignores_comments_and_white_space_only(parse: Parse) -> None:
    base = parse("SELECT a, 'x y' AS b FROM silver.t").fingerprint
    assert parse("SELECT a, -- why\n  'x y'   AS b /* c */ FROM silver.t").fingerprint == base
    for other in ("SELECT a, 'x  y' AS b FROM silver.t", "SELECT b, 'x y' AS b FROM silver.t",
                  "SELECT a, `x y` AS b FROM silver.t", "SELECT a, 'x y' AS b FROM silver.u"):  # fmt: skip
        assert parse(other).fingerprint != base


def test_parameters(parse: Parse) -> None:
    query = parse("SELECT a FROM silver.t WHERE k = :partition_key AND t >= :partition_start")
    assert query.parameters == ("partition_key", "partition_start")
    for sql in (
        "SELECT :other AS a",
        "SELECT ? AS a",
        "SELECT $1 AS a",
        "SELECT @x AS a",
        "SELECT {{ x }} AS a",
    ):
        with pytest.raises(ConfigError, match=r"parameter|PARAMETER|widget|\{\{|parse"):
            parse(sql)


def test_all_problems_at_once_each_with_its_line_in_the_file(parse: Parse) -> None:
    sql = "SELECT\n  uper(a),\n  uuid(),\n  a -> 1\nFROM read_parquet('/etc/x')\nLIMIT 3"
    with pytest.raises(ConfigErrors) as caught:
        parse(sql, first_line=11)
    lines = {(error.where.file, error.where.line) for error in caught.value.errors}
    assert lines == {("silver/t.sql", line) for line in (12, 13, 14, 15, 16)}
    text = str(caught.value)
    assert "silver.t, silver/t.sql:12: The function uper is not in the SQL catalogue." in text
    assert "Did you mean upper?" in text
    assert "a Python function" in text
    assert "The table function read_parquet" in text
    assert "LIMIT without ORDER BY" in text


def test_syntax_errors_have_a_line(parse: Parse) -> None:
    with pytest.raises(SqlError) as caught:
        parse("SELECT a,\n  b c d\nFROM silver.t", first_line=5)
    assert caught.value.where.line == 6
    with pytest.raises(SqlError):
        parse("SELECT 'abc")
    with pytest.raises(SqlError, match="nested too deeply"):
        parse("SELECT " + "(" * 5000 + "1" + ")" * 5000)


HOSTILE = """
SELECT 1; SELECT 2
SELECT 1; DROP TABLE x
DROP TABLE silver.t
INSERT INTO silver.t SELECT 1
UPDATE silver.t SET a = 1
DELETE FROM silver.t
CREATE TABLE x AS SELECT 1
COPY silver.t TO '/tmp/x'
COPY (SELECT 1) TO '/tmp/x'
ATTACH '/tmp/x.db'
INSTALL httpfs
LOAD httpfs
PRAGMA database_list
SET memory_limit = '1GB'
CALL pragma_version()
EXPORT DATABASE '/tmp'
DESCRIBE silver.t
SHOW TABLES
EXPLAIN SELECT 1
VALUES (1)
FROM '/etc/passwd'
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM `/etc/passwd`
SELECT * FROM `https://example.org/x.parquet`
SELECT * FROM parquet.`/etc/passwd`
SELECT * FROM silver.`../gold/x`
SELECT * FROM silver.`t; x`
SELECT * FROM silver.`ｔ`
SELECT * FROM `silver.t`
SELECT * FROM silver.'t'
SELECT * FROM read_parquet('/etc/passwd')
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM glob('/*')
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('x')
SELECT * FROM duckdb_settings()
SELECT * FROM range(10)
SELECT * FROM silver.range(10)
SELECT * FROM a.silver.t
SELECT * FROM main.t
SELECT * FROM landing.raw
SELECT * FROM checkpoints.ledger
SELECT * FROM information_schema.tables
SELECT * FROM system.settings
SELECT * FROM t
SELECT * FROM silver.t, LATERAL (SELECT 1)
SELECT * FROM silver.t TABLESAMPLE (1 ROWS)
SELECT * FROM silver.t VERSION AS OF 1
SELECT * FROM silver.t@v1
SELECT (1, 2) FROM silver.t
SELECT * FROM (silver.t)
SELECT * FROM silver.t PIVOT (sum(a) FOR b IN (1))
SELECT a INTO x FROM silver.t
SELECT a FROM silver.t FOR UPDATE
SELECT getenv('HOME')
SELECT current_setting('x')
SELECT read_text('/etc/passwd')
SELECT `read_text`('/etc/passwd')
SELECT system.read_text('x')
SELECT main.upper('x')
SELECT (SELECT * FROM read_text('/etc/passwd'))
SELECT a FROM silver.t WHERE a IN (SELECT * FROM read_csv('x'))
SELECT a FROM silver.t WHERE EXISTS (SELECT 1 FROM glob('*'))
SELECT a FROM silver.t GROUP BY getenv('x')
SELECT a FROM silver.t ORDER BY getenv('x')
SELECT sum(a) OVER (ORDER BY getenv('x')) FROM silver.t
SELECT sum(a) FILTER (WHERE getenv('x') = 1) FROM silver.t
SELECT a FROM silver.t JOIN silver.u ON getenv('x') = 1
WITH x AS (SELECT * FROM read_csv('y')) SELECT * FROM x
WITH RECURSIVE x AS (SELECT 1 AS a) SELECT * FROM x
SELECT * FROM silver.t UNION ALL SELECT * FROM '/etc/passwd'
SELECT /* hidden */ getenv/**/('x')
SELECT ｇｅｔｅｎｖ('HOME')
SELECT a\u00a0FROM '/etc/passwd'
SELECT spark_upper('x')
SELECT error('x')
SELECT nextval('x')
SELECT x -> 'a' FROM silver.t
SELECT x:a FROM silver.t
SELECT a[0].upper(b) FROM silver.t
SELECT INTERVAL 1 DAY
SELECT (1, 2)
SELECT CAST(a AS VARCHAR(3)) FROM silver.t
SELECT CAST(a AS MAP<STRING, INT>) FROM silver.t
SELECT X'1F'
SELECT INTERVAL 1 DAY
SELECT DISTINCT ON (a) b FROM silver.t
SELECT a FROM silver.t CROSS JOIN LATERAL (SELECT a)
SELECT upper(a) IGNORE NULLS FROM silver.t
SELECT a FROM silver.t LATERAL VIEW read_csv('/etc/passwd') v
SELECT a FROM silver.t SORT BY a
SELECT a FROM silver.t ASOF JOIN silver.u ON a = b
SELECT a FROM silver.t ASOF JOIN silver.u ON true
SELECT a LIKE b FROM silver.t
SELECT sum(DISTINCT a) OVER (ORDER BY b) FROM silver.t
SELECT row_number() FROM silver.t
SELECT upper(a) OVER (ORDER BY b) FROM silver.t
SELECT lag(a) OVER (ORDER BY b ROWS 1 PRECEDING) FROM silver.t
SELECT sum(a) OVER (w ORDER BY a) FROM silver.t WINDOW w AS (ORDER BY b)
SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN a PRECEDING AND CURRENT ROW) FROM silver.t
SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN getenv('x') PRECEDING AND CURRENT ROW) FROM silver.t
SELECT a FROM silver.t ORDER BY a LIMIT getenv('x')
SELECT a FROM silver.t LIMIT ALL
SELECT first(a) FROM silver.t
SELECT uuid() FROM silver.t
SELECT rand()
SELECT uuid()
SELECT upper(DISTINCT a) FROM silver.t
SELECT upper(*) FROM silver.t
SELECT upper(a, b) FROM silver.t
SELECT upper(x => a) FROM silver.t
SELECT lpad(a, b, 'x') FROM silver.t
SELECT to_date(a, b) FROM silver.t
SELECT '\\q'
SELECT 'a' 'b'
SELECT a IN (SELECT b FROM silver.u) FROM silver.t
SELECT a FROM silver.t WHERE NOT (b OR a IN (SELECT b FROM silver.u))
/* only a comment */
SELECT /*+ BROADCAST(t) */ a FROM silver.t
SELECT * REPLACE (1 AS a) FROM silver.t
SELECT a FROM silver.t RIGHT SEMI JOIN silver.u ON true
SELECT a FROM silver.t RIGHT ANTI JOIN silver.u ON true
SELECT sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM silver.t
SELECT COLUMNS('a') FROM silver.t
SELECT a FROM silver.t WHERE CURRENT_USER = 'x'
SELECT a COLLATE nocase FROM silver.t
SELECT a::STRUCT<x: INT> FROM silver.t
SELECT f.g.h.i FROM silver.t f
""".strip().split("\n")


@pytest.mark.parametrize("sql", HOSTILE)
def test_everything_outside_of_the_catalogue_is_refused(parse: Parse, sql: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(sql)
    first = caught.value.errors[0] if isinstance(caught.value, ConfigErrors) else caught.value
    assert isinstance(first, SqlError)
    assert first.where.file == "silver/t.sql"
    assert first.where.line


@pytest.mark.parametrize("sql", [
    "SELECT a FROM silver.t;", "(SELECT 1 AS a)", "SELECT 'it''s; DROP TABLE x' AS a",
    "SELECT a FROM silver.t -- ; x",
    "SELECT \"text\" AS a", "SELECT 'read_csv(' AS a", "SELECT `a b` AS c FROM silver.t", "FROM silver.t",
    "SELECT a FROM silver.t WHERE a IN (SELECT b FROM silver.u) AND NOT (b IN (SELECT b FROM silver.u))",
])  # fmt: skip
def test_harmless_text_is_accepted(parse: Parse, sql: str) -> None:
    parse(sql)


TYPICAL = """SELECT c.customer_id, c.name, COUNT(o.order_id) AS total_orders, SUM(o.amount) AS total_spent,
       MAX(o.order_date) AS last_order_date,
       CASE WHEN c.status IS NULL THEN 'inactive' ELSE c.status END AS status
FROM silver.customers c LEFT JOIN silver.orders o ON c.customer_id = o.customer_id
WHERE o.amount > 0 GROUP BY c.customer_id, c.name, c.status -- {}"""


def test_three_hundred_tables_parse_quickly() -> None:
    parse_query(TYPICAL, file="x.sql", table="silver.t")
    start = time.process_time()
    for number in range(300):
        parse_query(TYPICAL.format(number), file="x.sql", table="silver.t")
    # 0.4 s on an idle core; the bound leaves room for a busy one.
    assert time.process_time() - start < 1.5


def test_the_load_path_imports_nothing_heavy() -> None:
    code = (
        "import sys; from odibi_dagster.sql import parse_query; "
        "parse_query('SELECT 1 AS a', file='f', table='t'); "
        "print([m for m in ('duckdb', 'pandas', 'deltalake', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
