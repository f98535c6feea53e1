from __future__ import annotations

import pytest

from odibi_dagster.sql import from_delta, from_duckdb, parse_type, to_delta, to_duckdb
from odibi_dagster.sql.types import (
    BIGINT,
    INT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Column,
    Decimal,
    Map,
    Struct,
    holds_void,
)

SPELLINGS = {
    "int": INT, "INTEGER": INT, "long": BIGINT, "numeric": Decimal(10, 0), "DEC(5)": Decimal(5, 0),
    "decimal( 10 , 2 )": Decimal(10, 2), "timestamp_ltz": TIMESTAMP, "array<int>": Array(INT),
    "map<string,decimal(3,1)>": Map(STRING, Decimal(3, 1)),
    "struct<a:int,b:array<string>>": Struct((Column("a", INT), Column("b", Array(STRING)))),
}  # fmt: skip
ALL = [parse_type(text) for text in (
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date",
    "timestamp",
    "timestamp_ntz", "decimal(38,18)", "array<bigint>", "map<string,int>", "struct<a:int,b b:decimal(4,2)>",
)]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_spark_spellings(text: str) -> None:
    assert parse_type(text) == SPELLINGS[text]


def test_simple_strings() -> None:
    assert str(parse_type("struct<a:int,b:array<string>>")) == "struct<a:int,b:array<string>>"
    assert f"{Decimal(10, 2)} {TIMESTAMP_NTZ} {BIGINT}" == "decimal(10,2) timestamp_ntz bigint"


@pytest.mark.parametrize(
    "text", ["", "text", "decimal(39,1)", "decimal(3,4)", "varchar(3)", "array<>", "map<int>"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal|type"):
        parse_type(text)


@pytest.mark.parametrize("type", ALL, ids=str)
def test_every_type_survives_duckdb_and_delta(type: object) -> None:
    assert from_duckdb(to_duckdb(type)) == type  # type: ignore[arg-type]
    assert from_delta(to_delta(type)) == type  # type: ignore[arg-type]


def test_timestamps_keep_their_meaning() -> None:
    assert to_duckdb(TIMESTAMP) == "TIMESTAMP WITH TIME ZONE"
    assert to_duckdb(TIMESTAMP_NTZ) == "TIMESTAMP"
    assert (to_delta(INT), to_delta(BIGINT), to_delta(Decimal(10, 2))) == ("integer", "long", "decimal(10,2)")


def test_what_spark_does_not_have() -> None:
    assert from_duckdb("HUGEINT") is None
    assert from_duckdb("TIME") is None
    with pytest.raises(ValueError, match="variant"):
        from_delta("variant")


def test_a_null_without_a_type_is_found_inside() -> None:
    assert holds_void(parse_type("array<struct<a:int,b:map<string,void>>>"))
    assert not holds_void(parse_type("array<struct<a:int,b:map<string,string>>>"))
