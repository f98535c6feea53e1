from __future__ import annotations

import duckdb
import pytest

from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster_tests.sql.conftest import Lake


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


def test_json_that_is_not_read_stops_the_query(lake: Lake) -> None:
    lake.table("bronze.j", "s string", [("[" * 300 + "]" * 300,)])
    with pytest.raises(duckdb.Error, match="nested more than 200 levels"):
        lake.rows("SELECT json_array_length(s) AS n FROM bronze.j")
