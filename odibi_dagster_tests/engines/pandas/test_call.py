"""Functions: what they get and what they may return."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import arro3.core as arro3
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from odibi_dagster.errors import DataError
from odibi_dagster.sql.types import STRING, TIMESTAMP_NTZ, Schema
from odibi_dagster.sql.types import Decimal as DecimalType
from odibi_dagster_tests.engines.pandas.lake import Lake

SQL = """SELECT 1::BIGINT AS big, NULL::INTEGER AS small, 1234567.89::DECIMAL(12,2) AS amount,
    DATE '0001-01-01' AS day,
    TIMESTAMPTZ '2024-01-01 10:00:00.123456+00' AS at,
    TIMESTAMP '2024-01-01' AS plain, 'x' AS text, true AS flag,
    1.5::DOUBLE AS f, [1, 2] AS l, 9007199254740993 AS exact"""


def types(schema: Schema) -> dict[str, str]:
    return {column.name: str(column.type) for column in schema}


def called(lake: Lake, result: Any, declared: Any = None) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    with lake.session() as session:
        relation = session.call(lambda: result, {}, declared)
        staged = session.stage(relation)
        names = ", ".join(f'"{column.name}"' for column in staged.schema)
        return types(relation.schema), [
            tuple(row.values())
            for row in session.query(f"SELECT {names} FROM t", {"t": session.staged(staged)})
        ]


def refused(lake: Lake, result: Any) -> str:
    with pytest.raises(DataError) as caught:
        called(lake, result)
    return str(caught.value)


def test_pandas_gets_every_digit(lake: Lake) -> None:
    staged = lake.stage(SQL)
    with lake.session({"silver.out": lake.files(staged)}, table="gold.x") as session:
        frame = session.argument("silver.out", "pandas")
        assert isinstance(frame, pd.DataFrame)
        row = frame.iloc[0]
        assert row["amount"] == Decimal("1234567.89") and row["day"] == datetime.date(1, 1, 1)
        assert row["small"] is pd.NA and row["exact"] == 9007199254740993
        assert str(frame["at"].dtype) == "datetime64[us, UTC]" and str(frame["big"].dtype) == "Int64"
        declared = {column.name: column.type for column in staged.schema}
        relation = session.call(lambda orders: orders, {"orders": frame}, declared)
        before = types(staged.schema)
        # A list's own integers are Python's.
        assert {**types(relation.schema), "l": "", "small": "", "exact": ""} == {
            **before,
            "l": "",
            "small": "",
            "exact": "",
        }
        again = session.stage(relation)
        assert (
            session.staged(again).native.fetchall()[0][:9]
            == session.read("silver.out").native.fetchall()[0][:9]
        )


@pytest.mark.parametrize("wanted", ["narwhals", "duckdb"])
def test_lazy_arguments_stay_lazy(lake: Lake, wanted: Any) -> None:
    staged = lake.stage("SELECT range AS id, range % 3 AS k FROM range(1000)")
    with lake.session({"silver.out": lake.files(staged)}, table="gold.x") as session:

        def narrow(orders: Any) -> Any:
            if wanted == "duckdb":
                return orders.filter("id > 10").aggregate("k, sum(id)::BIGINT AS total", "k")
            assert isinstance(orders, nw.LazyFrame)
            total = nw.col("id").sum().cast(nw.Int64).alias("total")
            return orders.filter(nw.col("id") > 10).group_by("k").agg(total)

        relation = session.call(narrow, {"orders": session.argument("silver.out", wanted)})
        assert isinstance(relation.native, duckdb.DuckDBPyRelation)
        assert sum(row[1] for row in relation.native.fetchall()) == sum(range(11, 1000))


def test_arrow_is_taken(lake: Lake) -> None:
    table = arro3.Table({"a": arro3.Array([1, None], type=arro3.DataType.int64())})
    assert called(lake, table) == ({"a": "bigint"}, [(1,), (None,)])


def test_python_values_have_types_of_their_kind(lake: Lake) -> None:
    day, moment = datetime.date(2024, 1, 1), datetime.datetime(1, 1, 1, 10, 0, 0, 5)
    frame = pd.DataFrame(
        {
            "m": [Decimal("1.50"), None],
            "d": [day, None],
            "s": ["a", None],
            "i": pd.Series([1, None], dtype=object),
            "n": pd.array([1, None], dtype="Int32"),
            "f": [1.0, float("nan")],
            "b": pd.Series([True, None], dtype=object),
            "t": pd.Series([moment, None], dtype=object),
            "z": pd.to_datetime(["2024-01-01T01:00:00+01:00", None]),
            "c": pd.Categorical(["x", None]),
            "raw": pd.Series([b"\0", None], dtype=object),
        }
    )
    frame.index = pd.Index([7, 7])
    found, rows = called(lake, frame)
    assert found == {
        "m": "decimal(38,18)", "d": "date", "s": "string", "i": "bigint", "n": "int", "f": "double",
        "b": "boolean",
        "t": "timestamp", "z": "timestamp", "c": "string", "raw": "binary",
    }  # fmt: skip
    utc = datetime.UTC
    first = (Decimal("1.50"), day, "a", 1, 1, 1.0, True, moment.replace(tzinfo=utc),
             datetime.datetime(2024, 1, 1, tzinfo=utc), "x", b"\0")  # fmt: skip
    assert rows == [first, (None,) * 11]


def test_declared_types(lake: Lake) -> None:
    frame = pd.DataFrame({"m": [Decimal("1.5")], "t": pd.to_datetime(["2024-01-01"]), "e": [None]})
    declared = {"m": DecimalType(10, 2), "t": TIMESTAMP_NTZ, "e": STRING}
    found, rows = called(lake, frame, declared)
    assert found == {"m": "decimal(10,2)", "t": "timestamp_ntz", "e": "string"}
    assert rows == [(Decimal("1.50"), datetime.datetime(2024, 1, 1), None)]
    with pytest.raises(DataError, match=r"column 'm' holds 1\.555, which does not fit decimal\(10,2\)"):
        called(lake, pd.DataFrame({"m": [Decimal("1.555")]}), declared)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, "a"], "mixes int, str"),
        (["a"] * 3000 + [1], "mixes int, str"),
        ([Decimal(1), 1.5], "mixes Decimal, float"),
        ([datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1)], "mixes date, datetime"),
        ([None, None], "holds only NULL"),
        ([2**70], "beyond 64 bits"),
        ([Decimal("NaN")], "holds NaN"),
        ([Decimal("1e30")], "holds 1E+30"),
        ([datetime.time(1)], "holds time objects"),
        ([object()], "holds object objects"),
        ([1 + 2j], "complex"),
    ],
)
def test_columns_without_one_type(lake: Lake, values: list[Any], words: str) -> None:
    text = refused(lake, pd.DataFrame({"ok": 1, "bad": pd.Series(values, dtype=object)}))
    assert "column 'bad' " in text and words in text


def test_dtypes_that_no_table_has(lake: Lake) -> None:
    frame = pd.DataFrame(
        {"u": pd.Series([1], dtype="uint64"), "d": pd.to_timedelta([1]), "n": pd.to_datetime([1])}
    )
    text = refused(lake, frame)
    assert (
        "column 'u' is uint64" in text
        and "column 'd' is timedelta64[ns]" in text
        and "column 'n' is datetime64[ns]" in text
    )


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT sum(range) AS total FROM range(3)", "column 'total' is HUGEINT: cast it to BIGINT"),
        ("SELECT NULL AS e", "column 'e' is \"NULL\""),
        ("SELECT TIME '10:00' AS t", "column 't' is TIME"),
        ("SELECT 1::UBIGINT AS u", "signed"),
        ("SELECT 1 AS a, 2 AS A", "two columns are called 'a' and 'A'"),
    ],
)
def test_relations_that_no_table_can_hold(lake: Lake, sql: str, words: str) -> None:
    with lake.session() as session, pytest.raises(DataError) as caught:
        session.call(lambda: session.connection.sql(sql))
    assert words in str(caught.value)


@pytest.mark.parametrize("result", [None, 5, "text", [1], {"a": 1}])
def test_results_that_are_no_relation(lake: Lake, result: Any) -> None:
    assert "is no relation but" in refused(lake, result)


def test_another_connection_is_refused(lake: Lake) -> None:
    assert "belongs to another DuckDB connection" in refused(lake, duckdb.connect().sql("SELECT 1 AS a"))


def test_an_error_of_the_function_is_its_own(lake: Lake) -> None:
    with lake.session() as session, pytest.raises(ZeroDivisionError):
        session.call(lambda: 1 / 0)
