"""One spelling for each value, the same that engine and log use."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.partition_value import refuse_types, serialize
from odibi_dagster.sql.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Array,
    Column,
    SparkType,
    to_duckdb,
)
from odibi_dagster.sql.types import Decimal as DecimalType
from odibi_dagster_tests.lake.table import ENGINE, Table

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
VALUES: list[tuple[SparkType, st.SearchStrategy[Any]]] = [
    (STRING, TEXT),
    (BIGINT, st.integers(-(2**63), 2**63 - 1)),
    (BOOLEAN, st.booleans()),
    (DATE, st.dates(date(1, 1, 1))),
    (DecimalType(12, 3), st.decimals(Decimal(-999999), Decimal(999999), places=3)),
]


@pytest.mark.parametrize(("type_", "values"), VALUES, ids=[str(t) for t, _ in VALUES])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_engine_log_and_delta_rs_agree(
    type_: SparkType, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    """A partition is found again by what was written: the second publish replaces it, and nothing else."""
    some = data.draw(st.lists(st.none() | values, min_size=1, max_size=4, unique=True))
    with tempfile.TemporaryDirectory() as folder:
        table = Table(folder)
        for round_ in range(2):
            publish(table, type_, some, round_)
        expected = {value: serialize(value, type_) for value in some}
        files = table.log().files
        assert {file.partition["p"] for file in files} == set(expected.values())
        assert len(set(expected.values())) == len(some), "two values never share a spelling"
        assert [id for (id,) in table.rows("id")] == [1] * len(some)
        found = {value for (value,) in table.rows("p")}
        assert found == set(some)


def publish(table: Table, type_: SparkType, values: list[Any], round_: int) -> None:
    from odibi_dagster.lake.publish import publish
    from odibi_dagster.lake.write import Write

    with ENGINE.session({}, table.url, table=table.name) as session:
        connection = session.connection
        connection.execute(f"CREATE TABLE v(id BIGINT, p {to_duckdb(type_)})")
        connection.executemany("INSERT INTO v VALUES (?, ?)", [[round_, value] for value in values])
        staged = session.stage(session.call(lambda: connection.sql("SELECT * FROM v")), ["p"])
    publish(Write(table.name, table.url, "partition", staged, staged.folders[0]))


@pytest.mark.parametrize("type_", [FLOAT, DOUBLE, BINARY, TIMESTAMP, TIMESTAMP_NTZ, Array(STRING)])
def test_types_with_several_spellings_are_refused(type_: SparkType) -> None:
    schema = (Column("id", BIGINT), Column("p", type_))
    with pytest.raises(DataError, match="cannot be partitioned by"):
        refuse_types(schema, ("p",), Where(table="silver.t"))


def test_a_missing_partition_column_is_refused() -> None:
    with pytest.raises(DataError, match="no column q") as caught:
        refuse_types((Column("id", BIGINT),), ("q",), Where(table="silver.t"))
    assert "the result has the columns id" in str(caught.value)
