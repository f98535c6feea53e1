from __future__ import annotations

from dataclasses import replace

import pytest

from odibi_dagster.errors import SqlError
from odibi_dagster.sql import Column, verify
from odibi_dagster.sql.types import INT
from odibi_dagster_tests.sql.conftest import Lake


def test_duckdb_must_agree_with_the_computed_schema(lake: Lake) -> None:
    compiled = lake.compile("SELECT 1 AS One, CAST(2 AS BIGINT) AS two")
    verify(compiled, lake.connection)
    wrong = replace(compiled, columns=(Column("One", INT), Column("two", INT)))
    with pytest.raises(SqlError, match="two INTEGER became two BIGINT"):
        verify(wrong, lake.connection)
    with pytest.raises(SqlError, match="ONE INTEGER became One INTEGER"):
        verify(replace(compiled, columns=(Column("ONE", INT), compiled.columns[1])), lake.connection)
    with pytest.raises(SqlError, match="two"):
        verify(replace(compiled, columns=compiled.columns[:1]), lake.connection)


def test_duckdb_refusing_the_query_is_an_error_with_its_place(lake: Lake) -> None:
    compiled = replace(lake.compile("SELECT 1 AS a"), sql='SELECT a FROM "silver.nothing"')
    with pytest.raises(SqlError, match=r"silver\.t, silver/t\.sql:1: DuckDB refuses"):
        verify(compiled, lake.connection)
