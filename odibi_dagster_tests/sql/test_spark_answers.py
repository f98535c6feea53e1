"""The compiler against answers that real Spark gave: values, types and names."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from odibi_dagster.sql import to_duckdb
from odibi_dagster_tests.sql.conftest import Lake, schema

RECORDED = json.loads((Path(__file__).parent / "spark_answers.json").read_text())
ANSWERS: list[dict[str, Any]] = RECORDED["answers"]


@pytest.fixture(scope="module")
def recorded() -> Iterator[Lake]:
    with duckdb.connect() as connection:
        lake = Lake(connection)
        for name, table in RECORDED["tables"].items():
            columns = schema(", ".join(table["columns"]))
            lake.table(name, ", ".join(table["columns"]))
            marks = ", ".join(f"CAST(CAST(? AS VARCHAR) AS {to_duckdb(column.type)})" for column in columns)
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', table["rows"])
        yield lake


def text(value: Any) -> str:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return (
            value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat()
            if value.tzinfo
            else value.isoformat()
        )
    return repr(value)


@pytest.mark.parametrize("answer", ANSWERS, ids=[str(number) for number in range(len(ANSWERS))])
def test_equal_to_spark(recorded: Lake, answer: dict[str, Any]) -> None:
    compiled = recorded.compile(answer["sql"])
    assert [[column.name, str(column.type)] for column in compiled.columns] == answer["columns"]
    rows = [[text(value) for value in row] for row in recorded.connection.execute(compiled.sql).fetchall()]
    assert (rows if answer["ordered"] else sorted(rows)) == answer["rows"], answer["sql"]
    if "name" in answer:
        bare = answer["sql"].replace(" AS x__ FROM", " FROM")
        assert recorded.compile(bare).columns[0].name == answer["name"]
