"""Statistics never exclude a value: three readers agree on what was written."""

from __future__ import annotations

import math
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odibi_dagster.engines.pandas import stats
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.sql.types import STRING, Column
from odibi_dagster.sql.types import Decimal as DecimalType
from odibi_dagster_tests.engines.pandas.lake import Lake, ask

ENGINE = PandasEngine(threads=1, memory_limit="500MB")

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=70)
KINDS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "b": ("BIGINT", st.integers(-(2**63), 2**63 - 1)),
    "i": ("INTEGER", st.integers(-(2**31), 2**31 - 1)),
    "s": ("VARCHAR", TEXT | st.text("\U0010ffff\ud7ffa", min_size=30, max_size=40)),
    "d": ("DATE", st.dates()),
    "m": ("DECIMAL(10,2)", st.decimals(-99999999, 99999999, places=2)),
    "l": ("DECIMAL(38,18)", st.decimals(Decimal("-1e19"), Decimal("1e19"), places=18)),
    "f": ("DOUBLE", st.floats(allow_nan=True)),
    "t": ("TIMESTAMPTZ", st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))),
    "o": ("BOOLEAN", st.booleans()),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | kind[1] for name, kind in KINDS.items()}), min_size=1, max_size=3
)


def plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def cell(value: Any, type: str) -> str:
    if value is None:
        return f"CAST(NULL AS {type})"
    text = plain(value)
    return f"CAST('{text.replace(chr(39), chr(39) * 2)}' AS {type})"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(ROWS)
def test_no_value_is_excluded(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        lake = Lake(Path(home), ENGINE)
        names = ", ".join(KINDS)
        cells = ", ".join(
            f"({i}, {', '.join(cell(row[n], KINDS[n][0]) for n in KINDS)})" for i, row in enumerate(rows)
        )
        staged = lake.stage(f"SELECT * FROM (VALUES {cells}) t(id, {names})")
        table = lake.publish(staged)
        (file,) = staged.files
        assert file.stats["numRecords"] == len(rows)
        for name in KINDS:
            assert file.stats["nullCount"][name] == sum(row[name] is None for row in rows)
        back = {row[0]: dict(zip(KINDS, row[1:], strict=True)) for row in lake.rows(lake.files(staged))}
        told = {row.pop("id"): row for row in ask(table, "SELECT * FROM t")}
        for number, row in enumerate(rows):
            for name, value in row.items():
                assert same(back[number][name], value), (name, value, back[number][name])
                assert same(told[number][name], value), (name, value, told[number][name])
        for name, (type, _) in KINDS.items():
            if type in (
                "VARCHAR",
                "BIGINT",
                "INTEGER",
                "DATE",
                "DECIMAL(10,2)",
                "DECIMAL(38,18)",
                "TIMESTAMPTZ",
                "DOUBLE",
            ):
                for row in rows:
                    check_found(table, name, type, row[name], rows)


def check_found(table: Any, name: str, type: str, value: Any, rows: list[dict[str, Any]]) -> None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return
    other = {"VARCHAR": "VARCHAR", "TIMESTAMPTZ": "TIMESTAMP"}.get(type, type)
    text = plain(value)
    if type == "TIMESTAMPTZ":
        condition = f"{name} = arrow_cast('{text}', 'Timestamp(Microsecond, Some(\"UTC\"))')"
    else:
        condition = f"{name} = CAST('{text.replace(chr(39), chr(39) * 2)}' AS {other})"
    found = ask(table, f"SELECT count(*) AS n FROM t WHERE {condition}")[0]["n"]
    least = sum(identical(row[name], value) for row in rows)
    assert found >= least, (name, value, found, least)


def identical(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float) and a == b == 0:
        return math.copysign(1, a) == math.copysign(1, b)
    return a is not None and a == b


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or a == b
    return a == b


def bounds(lake: Lake, sql: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    (file,) = lake.stage(sql).files
    return dict(file.stats["minValues"]), dict(file.stats["maxValues"]), dict(file.stats["nullCount"])


def test_no_bounds_where_none_are_safe(lake: Lake) -> None:
    low, high, nulls = bounds(
        lake,
        "SELECT 'nan'::DOUBLE AS n, 'inf'::DOUBLE AS i, true AS b, 'x'::BLOB AS raw, [1] AS l, "
        "{'a': 1} AS s, MAP {'a': 1} AS m, 'infinity'::DATE AS d, '-infinity'::TIMESTAMPTZ AS t, "
        "NULL::INT AS e",
    )
    assert low == high == {}
    assert {name for name in "nidte" if name in nulls} >= {"n", "i", "d", "t", "e"}
    assert nulls["e"] == 1 and nulls["raw"] == 0 and nulls["b"] == 0


def test_timestamps_are_rounded_outwards(lake: Lake) -> None:
    low, high, _ = bounds(
        lake,
        "SELECT TIMESTAMPTZ '1969-12-31 23:59:59.999499+00' AS t, TIMESTAMP '2024-01-01 00:00:00.0001' AS n",
    )
    assert low == {"t": "1969-12-31T23:59:59.999Z", "n": "2024-01-01T00:00:00.000"}
    assert high == {"t": "1970-01-01T00:00:00.000Z", "n": "2024-01-01T00:00:00.001"}


def test_strings_are_cut_outwards(lake: Lake) -> None:
    low, high, _ = bounds(lake, "SELECT repeat('a', 40) AS s")
    assert low == {"s": "a" * 32}
    assert high == {"s": "a" * 31 + "b"}


def test_zero_has_both_signs(lake: Lake) -> None:
    low, high, _ = bounds(lake, "SELECT 0.0::DOUBLE AS f")
    assert math.copysign(1, low["f"]) == -1 and math.copysign(1, high["f"]) == 1


def test_the_first_32_columns(lake: Lake) -> None:
    low, _, nulls = bounds(lake, "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(40)))
    assert set(low) == set(nulls) == {f"c{i}" for i in range(32)}


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("42857.00", 42857),
        ("2.50", 2.5),
        ("-0.01", -0.01),
        ("0.00001", "0.00001"),
        ("12345678901234567890.12", "12345678901234567890.12"),
    ],
)
def test_decimals_are_exact(text: str, json: object) -> None:
    schema = (Column("m", DecimalType(38, 5)),)
    found = {
        '"m"': {"min": text, "max": text, "min_is_exact": "true", "max_is_exact": "true", "null_count": "0"}
    }
    assert stats.delta(schema, found, 1)["minValues"] == {"m": json}


def test_an_inexact_bound_of_a_string(lake: Lake) -> None:
    found = {
        '"s"': {"min": "ab", "max": "ab", "min_is_exact": "false", "max_is_exact": "false", "null_count": "0"}
    }
    assert stats.delta((Column("s", STRING),), found, 1)["maxValues"] == {"s": "ac"}
    top = {'"s"': {**found['"s"'], "max": "\U0010ffff"}}
    assert stats.delta((Column("s", STRING),), top, 1)["maxValues"] == {}
