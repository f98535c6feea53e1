"""Statistics of Spark's log become ours: no bound ever excludes a value."""

from __future__ import annotations

from odibi_dagster.engines.spark.stats import delta, partition_values
from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Column,
    Decimal,
    Struct,
)

SCHEMA = (
    Column("i", BIGINT), Column("s", STRING), Column("m", Decimal(30, 3)), Column("d", DATE),
    Column("t", TIMESTAMP), Column("n", TIMESTAMP_NTZ), Column("f", FLOAT), Column("x", DOUBLE),
    Column("y", DOUBLE), Column("b", BOOLEAN), Column("o", Struct((Column("x", BIGINT),))),
)  # fmt: skip
TOLD = (
    '{"numRecords":3,"minValues":{"i":-1,"s":"a","m":-1.500,"d":"2024-01-01","t":"2024-01-01T00:00:00.123Z",'
    '"n":"2024-01-01T00:00:00.123","f":0.1,"x":0.0,"y":1.0E10,"o":{"x":1}},'
    '"maxValues":{"i":9223372036854775807,"s":"b","m":12345678901234567890.125,"d":"2024-01-02",'
    '"t":"2024-12-31T23:59:59.999Z","n":"2024-01-01T00:00:00.123","f":0.1,"x":"NaN","y":1.5E300,"o":{"x":2}},'
    '"nullCount":{"i":0,"s":1,"m":0,"d":0,"t":0,"n":0,"f":0,"x":0,"y":0,"b":2,"o":{"x":0}}}'
)


def test_bounds_hold_every_value() -> None:
    stats = delta(SCHEMA, TOLD)
    low, high = stats["minValues"], stats["maxValues"]
    assert stats["numRecords"] == 3 and stats["nullCount"]["b"] == 2 and "o" not in stats["nullCount"]
    assert (low["i"], high["i"]) == (-1, 2**63 - 1) and (low["s"], high["s"]) == ("a", "b")
    assert (low["m"], high["m"]) == (-1.5, "12345678901234567890.125")
    assert high["t"] == "2025-01-01T00:00:00.000Z" and high["n"] == "2024-01-01T00:00:00.124"
    assert low["f"] == high["f"] == 0.10000000149011612, "what a FLOAT of 0.1 is as a DOUBLE"
    assert "x" not in low and "x" not in high and (low["y"], high["y"]) == (1e10, 1.5e300)
    assert "b" not in low and "o" not in low


def test_partition_values() -> None:
    values = partition_values(SCHEMA, {"t": "2024-01-01T05:00:00.000000Z", "s": None, "d": "2024-01-01"})
    assert values == {"t": "2024-01-01 05:00:00.000000", "s": None, "d": "2024-01-01"}
