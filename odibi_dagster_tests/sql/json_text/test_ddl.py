from __future__ import annotations

import pytest

from odibi_dagster.sql.json_text.ddl import parse_ddl


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("a INT, b: STRING", "struct<a:int,b:string>"),
        ("STRUCT<a: INT, `b c` ARRAY<DECIMAL(5, 2)>>", "struct<a:int,b c:array<decimal(5,2)>>"),
        ("map<string, array<struct<x long>>>", "map<string,array<struct<x:bigint>>>"),
    ],
)
def test_schemas(text: str, type: str) -> None:
    assert str(parse_ddl(text)) == type


@pytest.mark.parametrize("text", ["", "a", "a INT NOT NULL", "a VARCHAR(3)", "a INT, b", "a ARRAY<INT"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_ddl(text)
