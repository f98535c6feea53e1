"""Landed files mean the same as on the pandas engine: the same tests, on Spark."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from odibi_dagster.errors import DataError
from odibi_dagster.sql.types import BIGINT, BOOLEAN, DATE, DOUBLE, INT, STRING, TIMESTAMP, Column, Decimal
from odibi_dagster_tests.engines.pandas.test_landed import *  # noqa: F403
from odibi_dagster_tests.engines.pandas.test_landed import parquet
from odibi_dagster_tests.engines.spark.lake import Lake, sorted_rows

COLUMNS = (
    Column("id", INT), Column("s", STRING), Column("m", Decimal(20, 4)), Column("f", DOUBLE),
    Column("d", DATE), Column("t", TIMESTAMP), Column("b", BOOLEAN), Column("n", BIGINT),
)  # fmt: skip
CSV = (
    'id,s,m,f,d,t,b,n\n1,"a ""q"", b\nc",-1.5000,1e-300,0001-01-01,2024-02-29T23:59:59.999999+02,TRUE,-5\n'
    '-2147483648,"",,NaN,9999-12-31,1582-10-10 00:00,false,9223372036854775807\n,é😀 ,.5,-Infinity,,,,\n'
)
JSON = (
    '{"id": 1, "s": "é\\n\\"", "m": 1234567890123456.7891, "f": 1, "d": "2024-02-29", "b": true}\n'
    '{"s": null, "f": 2.675, "n": -9223372036854775808, "t": "2024-01-01T00:00:00.5Z"}\n\n{"f": -0.0}\n'
)
PARQUET = """
    SELECT 1::TINYINT AS id, 'é' AS s, 1.25::DECIMAL(6,2) AS m, 0.1::FLOAT::DOUBLE AS f,
    DATE '1500-01-01' AS d,
    TIMESTAMPTZ '1900-01-01 00:00:00.000001+00' AS t, NULL::BOOLEAN AS b, 5::INTEGER AS n
    UNION ALL SELECT NULL, '', NULL, 'nan'::DOUBLE, NULL, NULL, true, NULL
"""


@pytest.mark.parametrize(
    ("files", "format"),
    [
        ({"a.csv": CSV, "x=ü 1/b.csv.gz": gzip.compress(CSV.encode(), mtime=0)}, "csv"),
        ({"a.json": JSON, "b+%20#.json": '{"id": 7}\n'}, "json"),
        ({"a.parquet": parquet(PARQUET)}, "parquet"),
    ],
    ids=["csv", "json", "parquet"],
)
@pytest.mark.parametrize("schema", [COLUMNS, None], ids=["declared", "undeclared"])
def test_both_engines_read_the_same_rows_and_types(
    lake: Lake, files: dict[str, Any], format: str, schema: Any
) -> None:
    landed = lake.landed(files, format, schema=schema, batch=3)
    found = []
    for each in (lake, lake.other):
        with each.session({"bronze.orders": landed}, table="bronze.orders") as session:
            relation = session.read("bronze.orders")
            columns = [column.name for column in relation.schema]
            rows = sorted_rows(session, session.staged(session.stage(relation)), columns)
            found.append(([(c.name, c.type) for c in relation.schema], repr(rows)))
    assert found[0] == found[1]


def test_what_spark_would_lose_without_a_word_is_refused(lake: Lake) -> None:
    for name in ("_a.csv", ".b.csv"):
        with pytest.raises(DataError, match="Spark leaves out files"):
            lake.take(lake.landed({name: "id\n1\n"}, "csv"))
    with pytest.raises(DataError, match="its name says none"):
        lake.take(lake.landed({"a.csv": gzip.compress(b"id\n1\n")}, "csv", options={"compression": "gzip"}))
