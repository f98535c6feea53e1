"""Landed files: nothing guessed, nothing dropped, every refusal says where."""

from __future__ import annotations

import gzip
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import duckdb
import pytest

from odibi_dagster.engines.pandas import quote
from odibi_dagster.errors import DataError
from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    Column,
    Decimal,
    Struct,
)
from odibi_dagster_tests.engines.pandas.lake import NOW, Lake

ORDERS = (Column("id", INT), Column("amount", Decimal(10, 2)), Column("day", DATE), Column("name", STRING))
CSV = 'id,amount,day,name\n1,2.50,2024-01-01,x\n-2,,,""\n'


def zstd(text: str) -> bytes:
    with tempfile.TemporaryDirectory() as home:
        lines = f"SELECT unnest(string_split({quote.text(text.rstrip())}, chr(10)))"
        options = "FORMAT csv, HEADER false, COMPRESSION zstd, QUOTE '', DELIM '\x01'"
        duckdb.connect().sql(f"COPY ({lines}) TO '{home}/x' ({options})")
        return Path(home, "x").read_bytes()


def refusal(lake: Lake, landed: Any) -> str:
    with pytest.raises(DataError) as caught:
        lake.take(landed)
    return str(caught.value)


def unreadable(lake: Lake, landed: Any) -> dict[str, str]:
    with lake.session({"bronze.orders": landed}, table="bronze.orders") as session:
        return dict(session.unreadable("bronze.orders"))


def test_csv_with_a_schema(lake: Lake) -> None:
    landed = lake.landed(
        {"a.csv": CSV, "sub/b.csv": "name,day,amount,id\ny,2024-02-29,.5,3\n"}, "csv", schema=ORDERS, batch=7
    )
    assert [tuple(row.values()) for row in lake.take(landed)] == [
        (-2, None, None, "", "a.csv", 7, NOW),
        (1, Number("2.50"), date(2024, 1, 1), "x", "a.csv", 7, NOW),
        (3, Number("0.50"), date(2024, 2, 29), "y", "sub/b.csv", 7, NOW),
    ]


def test_csv_without_a_schema_is_text(lake: Lake) -> None:
    landed = lake.landed({"a.csv": CSV}, "csv")
    with lake.session({"bronze.orders": landed}) as session:
        schema = session.read("bronze.orders").schema
    assert [(c.name, str(c.type)) for c in schema] == [
        ("id", "string"), ("amount", "string"), ("day", "string"), ("name", "string"),
        ("_file", "string"), ("_landed_at", "timestamp"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("a.csv.zst", zstd(CSV)),
        ("crlf.csv", CSV.replace("\n", "\r\n")),
        ("bom.csv", "\ufeff" + CSV),
        ("blank.csv", CSV + "\n"),
        ("no newline.csv", CSV.rstrip("\n")),
    ],
)
def test_csv_as_it_comes(lake: Lake, name: str, data: str | bytes) -> None:
    rows = lake.take(lake.landed({name: data}, "csv", schema=ORDERS))
    assert [row["id"] for row in rows] == [-2, 1]


def test_csv_dialect(lake: Lake) -> None:
    data = "1|'a|''b'|é\n".encode("latin-1")
    schema = (Column("id", BIGINT), Column("a", STRING), Column("b", STRING))
    options = {"delimiter": "|", "quote": "'", "header": False, "encoding": "latin-1"}
    rows = lake.take(lake.landed({"a.txt": data}, "csv", schema=schema, options=options))
    assert [(row["id"], row["a"], row["b"]) for row in rows] == [(1, "a|'b", "é")]


@pytest.mark.parametrize(
    ("row", "column", "type"),
    [
        ("1.9,1,,", "id", "int"), ("1e2,1,,", "id", "int"), ("1_000,1,,", "id", "int"),
        (" 1,1,,", "id", "int"),
        ("3000000000,1,,", "id", "int"), ('"",1,,', "id", "int"), ("1,2.345,,", "amount", "decimal(10,2)"),
        ("1,123456789.00,,", "amount", "decimal(10,2)"), ("1,x,,", "amount", "decimal(10,2)"),
        ("1,1,2024-02-30,", "day", "date"), ("1,1,epoch,", "day", "date"), ("1,1,2024-1-1,", "day", "date"),
    ],
)  # fmt: skip
def test_csv_values_are_never_bent(lake: Lake, row: str, column: str, type: str) -> None:
    text = refusal(
        lake, lake.landed({"ok.csv": CSV, "a.csv": f'{CSV}5,1,,"two\nlines"\n{row}\n'}, "csv", schema=ORDERS)
    )
    assert f"a.csv, line 6: column '{column}' is declared {type}" in text


def test_csv_values_that_are_exact(lake: Lake) -> None:
    schema = (Column("f", DOUBLE), Column("b", BOOLEAN), Column("t", TIMESTAMP), Column("m", Decimal(4, 1)))
    data = (
        "f,b,t,m\nNaN,TRUE,2024-01-01T10:00:00+02:00,1.5000\n-Infinity,false,2024-01-01 08:00:00.123456,+.5\n"
    )
    data += "1e300,,2024-01-01,9\n"
    rows = lake.take(lake.landed({"a.csv": data}, "csv", schema=schema))
    assert [row["t"] for row in rows] == [
        datetime(2024, 1, 1, 8, 0, 0, 123456, UTC), datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, 8, tzinfo=UTC),
    ]  # fmt: skip
    assert [row["m"] for row in rows] == [Number("0.5"), Number("9.0"), Number("1.5")]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "id,amuont,day,name",
            "column 'amuont' is unknown (did you mean 'amount'?); column 'amount' is missing",
        ),
        ("id,amount,day", "column 'name' is missing"),
        ("id,amount,day,name,more", "column 'more' is unknown"),
        ("ID,amount,day,name", "column 'ID' is unknown (did you mean 'id'?)"),
        ("id,id,amount,day,name", "column 'id' occurs more than once"),
    ],
)
def test_csv_headers(lake: Lake, header: str, words: str) -> None:
    landed = lake.landed({"a.csv": header + "\n"}, "csv", schema=ORDERS)
    assert words in refusal(lake, landed)
    assert unreadable(lake, landed) == {}


def test_csv_files_must_agree_without_a_schema(lake: Lake) -> None:
    landed = lake.landed({"a.csv": "a,b\n1,2\n", "b.csv": "b,a\n3,4\n", "c.csv": "a,c\n"}, "csv")
    assert "c.csv does not have the columns of the files before it" in refusal(lake, landed)


@pytest.mark.parametrize(
    ("format", "good", "other", "words"),
    [
        ("csv", "id,name\n1,x\n", "id,nam\n2,y\n", "column 'nam' is unknown (did you mean 'name'?)"),
        (
            "parquet",
            "SELECT 1::INT AS id, 'x' AS name",
            "SELECT 'b' AS id, 'y' AS name",
            "column 'id' is string",
        ),
        ("json", '{"id": 1, "name": "x"}', '{"id": 2, "more": "y"}', "column 'more' is unknown"),
    ],
)
def test_a_file_with_other_columns_is_named_if_another_has_the_declared_ones(
    lake: Lake, format: str, good: str, other: str, words: str
) -> None:
    data = [parquet(text) if format == "parquet" else text for text in (good, other)]
    schema = (Column("id", INT), Column("name", STRING))
    files = {"a/x": data[0], "day=1/b": data[1]}
    landed = lake.landed(files, format, schema=schema)
    assert words in refusal(lake, landed)
    found = unreadable(lake, landed)
    assert list(found) == ["day=1/b"] and words in found["day=1/b"]
    declared = (*schema, Column("day", STRING))  # a folder's value, where there is such a folder
    assert list(unreadable(lake, lake.landed(files, format, schema=declared))) == ["day=1/b"]
    for all_alike in ({"b": data[1], "c": data[1]}, {"b": data[1]}):
        assert unreadable(lake, lake.landed(all_alike, format, schema=schema)) == {}
    assert unreadable(lake, lake.landed(files, format)) == {}, "nobody can say which is right"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("few.csv", CSV + "1,2\n", "line 4: "),
        ("many.csv", CSV + "1,2,,x,y\n", "line 4: "),
        ("quote.csv", CSV + '1,2,,"open\n', "line 4: "),
        ("bytes.csv", CSV.encode() + b"1,2,,\xff\xfe\n", "line 4: "),
        ("empty.csv", "", "empty"),
        ("torn.csv.gz", gzip.compress(CSV.encode() * 100, mtime=0)[:40], "GZIP"),
        ("plain.csv.gz", CSV, "GZIP"),
    ],
)
def test_csv_that_cannot_be_parsed(lake: Lake, name: str, data: str | bytes, reason: str) -> None:
    landed = lake.landed({"good.csv": CSV, name: data}, "csv", schema=ORDERS)
    found = unreadable(lake, landed)
    assert set(found) == {name} and reason in found[name], found
    text = refusal(lake, landed)
    assert name in text and reason in text


def test_hive_folders(lake: Lake) -> None:
    files = {"region=north/day=2024-01-01/a.csv": "id\n1\n", "region=a b/day=2024-01-02/a.csv": "id\n2\n"}
    landed = lake.landed(files, "csv", schema=(Column("id", INT), Column("day", DATE)))
    rows = lake.take(landed)
    assert [(r["id"], r["day"], r["region"]) for r in rows] == [
        (1, date(2024, 1, 1), "north"),
        (2, date(2024, 1, 2), "a b"),
    ]
    assert [row["_file"] for row in rows] == list(files)
    bad = lake.landed({"day=x/a.csv": "id\n1\n"}, "csv", schema=(Column("id", INT), Column("day", DATE)))
    assert "column 'day' is declared date, and holds 'x' in its folder's name" in refusal(lake, bad)
    clash = lake.landed({"id=1/a.csv": "id\n1\n"}, "csv")
    assert "have columns that are added to them: id" in refusal(lake, clash)


def test_names_that_look_like_patterns(lake: Lake) -> None:
    files = {
        "a[1].csv": "id\n1\n",
        "a1.csv": "id\n2\n",
        "*.csv": "id\n3\n",
        "b?.csv": "id\n4\n",
        "{x}.csv": "id\n5\n",
    }
    files |= {"d[1]/x?.csv": "id\n6\n", "d1/xa.csv": "id\n7\n"}
    landed = lake.landed(files, "csv", schema=(Column("id", INT),))
    assert {row["_file"]: row["id"] for row in lake.take(landed)} == {
        name: i + 1 for i, name in enumerate(files)
    }


JSON = '{"id": 1, "amount": 2.50, "day": "2024-01-01", "name": "x"}\n{"id": null, "name": "ü\\n"}\n'


def test_json_with_a_schema(lake: Lake) -> None:
    files = {
        "a.json": JSON,
        "b.json.gz": gzip.compress(b'{"amount": 12345678.9, "id": 5}\n\n', mtime=0),
        "c.json": "",
    }
    rows = lake.take(lake.landed(files, "json", schema=ORDERS))
    assert [(r["id"], r["amount"], r["day"], r["name"]) for r in rows] == [
        (1, Number("2.50"), date(2024, 1, 1), "x"), (5, Number("12345678.90"), None, None),
        (None, None, None, "ü\n"),
    ]  # fmt: skip


def test_json_keeps_large_decimals(lake: Lake) -> None:
    data = '{"m": 12345678901234567890.123}\n{"m": "0.001"}\n{"m": 7}\n'
    rows = lake.take(
        lake.landed({"a.json": data.splitlines()[0]}, "json", schema=(Column("m", Decimal(30, 3)),))
    )
    assert rows[0]["m"] == Number("12345678901234567890.123")


def test_json_without_a_schema(lake: Lake) -> None:
    data = (
        '{"id": 1, "f": 1, "s": "2024-01-01", "b": true, "n": null, "o": {"x": [1]}}\n{"id": 2, "f": 1.5}\n'
    )
    landed = lake.landed({"a.json": data}, "json")
    with lake.session({"bronze.orders": landed}) as session:
        schema = session.read("bronze.orders").schema
    assert [(c.name, str(c.type)) for c in schema][:6] == [
        ("id", "bigint"), ("f", "double"), ("s", "string"), ("b", "boolean"), ("n", "string"),
        ("o", "struct<x:array<bigint>>"),
    ]  # fmt: skip
    assert len(lake.take(landed)) == 2


def test_json_nested(lake: Lake) -> None:
    schema = (Column("o", Struct((Column("x", INT), Column("l", Array(STRING))))),)
    rows = lake.take(
        lake.landed({"a.json": '{"o": {"x": 1, "l": ["a", null]}}\n{"o": null}\n'}, "json", schema=schema)
    )
    assert [row["o"] for row in rows] == [{"x": 1, "l": ["a", None]}, None]
    bad = lake.landed({"a.json": '{"o": {"x": 1, "y": 2}}\n'}, "json", schema=schema)
    assert "o.y is unknown" in refusal(lake, bad)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": 1.9}', "id is a number, expected int"),
        ('{"id": "1"}', "id is a text, expected int"),
        ('{"name": 5}', "name is a whole number, expected string"),
        ('{"idd": 1}', "column 'idd' is unknown (did you mean 'id'?)"),
        ('{"ID": 1}', "column 'ID' is unknown (did you mean 'id'?)"),
        ('{"day": {"y": 1}}', "day is an object, expected date"),
        ('{"id": 3000000000}', "a.json, line 3: column 'id' is declared int, and holds 3000000000"),
        ('{"amount": 2.345}', "a.json, line 3: column 'amount' is declared decimal(10,2), and holds 2.345"),
        ('{"amount": "x"}', "a.json, line 3: column 'amount' is declared decimal(10,2), and holds 'x'"),
        ('{"day": "2024-13-01"}', "a.json, line 3: column 'day' is declared date, and holds '2024-13-01'"),
    ],
)
def test_json_values_are_never_bent(lake: Lake, line: str, words: str) -> None:
    # The first two lines have no field of another kind than the third.
    data = '{"id": null}\n{"amount": null}\n' + line + "\n"
    assert words in refusal(lake, lake.landed({"a.json": data}, "json", schema=ORDERS))


@pytest.mark.parametrize(
    "line", ['{"id": 1,', '{"id": 1}{"id": 2}', "[1]", "5", '{"id": 1, "id": 2}', '{"id": "\xff']
)
def test_json_that_cannot_be_parsed(lake: Lake, line: str) -> None:
    data = JSON.encode() + line.encode("latin-1") + b"\n" + b'{"id": 3}\n'
    landed = lake.landed({"good.json": JSON, "bad.json": data}, "json", schema=ORDERS)
    found = unreadable(lake, landed)
    assert set(found) == {"bad.json"}
    assert "bad.json" in refusal(lake, landed)
    if line.isascii():
        assert "line 3" in found["bad.json"]


def parquet(sql: str) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        duckdb.connect().sql(f"COPY ({sql}) TO '{file.name}' (FORMAT parquet)")
        return Path(file.name).read_bytes()


def test_parquet(lake: Lake) -> None:
    files = {
        "a.parquet": parquet(
            "SELECT 1::TINYINT AS id, 2.5::DECIMAL(4,1) AS amount, DATE '2024-01-01' AS day, 'x' AS name"
        ),
        "b.parquet": parquet("SELECT 'y' AS name, 2 AS id, NULL::DATE AS day, 1.25::DECIMAL(10,2) AS amount"),
    }
    rows = lake.take(lake.landed(files, "parquet", schema=ORDERS))
    assert [(r["id"], r["amount"], r["name"]) for r in rows] == [
        (1, Number("2.50"), "x"),
        (2, Number("1.25"), "y"),
    ]


def test_parquet_schemas(lake: Lake) -> None:
    wide = parquet(
        "SELECT 1::BIGINT AS id, 2.5::DECIMAL(10,3) AS amount, DATE '2024-01-01' AS day, 'x' AS name"
    )
    text = refusal(lake, lake.landed({"a.parquet": wide}, "parquet", schema=ORDERS))
    assert "column 'id' is bigint, expected int" in text
    assert "column 'amount' is decimal(10,3), expected decimal(10,2)" in text
    typo = parquet("SELECT 1 AS id, 2.5::DECIMAL(10,2) AS amount, DATE '2024-01-01' AS day, 'x' AS nmae")
    assert "did you mean 'name'?" in refusal(lake, lake.landed({"a.parquet": typo}, "parquet", schema=ORDERS))
    time = parquet("SELECT TIME '10:00' AS t, TIMESTAMP_NS '2024-01-01' AS n")
    text = refusal(lake, lake.landed({"a.parquet": time}, "parquet"))
    assert "column 't' is TIME" in text and "column 'n' is TIMESTAMP_NS" in text


@pytest.mark.parametrize("data", [b"", b"PAR1", b"not parquet at all", "torn", "bent"])
def test_parquet_that_cannot_be_parsed(lake: Lake, data: Any) -> None:
    good = parquet("SELECT range AS id, md5(range::VARCHAR) AS text FROM range(100000)")
    if data == "torn":
        data = good[: len(good) // 2]
    elif data == "bent":
        data = good[:2000] + b"\x5a" * 20000 + good[22000:]
    landed = lake.landed({"good.parquet": good, "bad.parquet": data}, "parquet")
    found = unreadable(lake, landed)
    assert set(found) == {"bad.parquet"}, found
    assert "bad.parquet" in refusal(lake, landed)


def test_no_files(lake: Lake) -> None:
    landed = lake.landed({}, "csv", schema=ORDERS, batch=1)
    with lake.session({"bronze.orders": landed}) as session:
        relation = session.read("bronze.orders")
        assert [c.name for c in relation.schema] == [
            "id",
            "amount",
            "day",
            "name",
            "_file",
            "_batch",
            "_landed_at",
        ]
        assert session.stage(relation).files == ()
