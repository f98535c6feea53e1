from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster.errors import OdibiError
from odibi_dagster.sql import parse_query
from odibi_dagster_tests.engines.pandas.lake import NOW
from odibi_dagster_tests.engines.pandas.lake import Lake as Files
from odibi_dagster_tests.sql.conftest import Lake

_ROWS = r"""SELECT unnest([
    '{"a": 1, "b": {"c": ["x", "y"]}, "d": 2.50}', '{''a'': 2} behind', 'N/A', NULL
]) AS s"""


def test_a_session_makes_them_when_a_query_uses_them() -> None:
    with duckdb.connect() as connection:
        macros = Macros(connection)
        sql = """SELECT spark_get_json_object('{"a":1}', '$.a')"""
        macros.make("SELECT 1")
        with pytest.raises(duckdb.CatalogException):
            connection.execute(sql)
        macros.make(sql)
        macros.make(sql)
        assert connection.execute(sql).fetchall() == [("1",)]


def test_a_table_of_json(tmp_path: Path) -> None:
    lake = Files(tmp_path / "lake", PandasEngine(threads=2, memory_limit="1GB"))
    staged = lake.stage(_ROWS)
    query = parse_query(
        "SELECT get_json_object(s, '$.a') AS a, v.d, v.b.c[1] AS y, t.again "
        "FROM (SELECT s, from_json(s, 'b STRUCT<c ARRAY<STRING>>, d DECIMAL(5,2)') AS v FROM silver.out) "
        "LATERAL VIEW json_tuple(s, 'a') t AS again",
        file="gold/x.sql",
        table="gold.x",
    )
    with lake.session({"silver.out": lake.files(staged)}, table="gold.x") as session:
        made = session.stage(session.sql(query, now=NOW))
        rows = {row[:4] for row in session.staged(made).native.fetchall()}
        assert rows == {
            ("1", Decimal("2.50"), "y", "1"),
            ("2", None, None, "2"),
            (None, None, None, None),
        }


def test_json_that_is_not_read_stops_the_table(tmp_path: Path) -> None:
    lake = Files(tmp_path / "lake", PandasEngine(threads=2, memory_limit="1GB"))
    staged = lake.stage("""SELECT '{"a": {"b": [1, }}' AS s""")
    query = parse_query(
        "SELECT from_json(s, 'a STRING') AS v FROM silver.out", file="gold/x.sql", table="gold.x"
    )
    with lake.session({"silver.out": lake.files(staged)}, table="gold.x") as session:
        relation = session.sql(query, now=NOW)
        with pytest.raises(OdibiError, match="malformed inside of a nested value"):
            session.stage(relation)


def test_json_that_is_too_deep_stops_the_query(lake: Lake) -> None:
    lake.table("bronze.j", "s string", [("[" * 300 + "]" * 300,)])
    with pytest.raises(duckdb.Error, match="nested more than 200 levels"):
        lake.rows("SELECT json_array_length(s) AS n FROM bronze.j")
