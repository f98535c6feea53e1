"""Decimal arithmetic against Python's Decimal and Spark's result-type rules, written out a second time."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odibi_dagster.errors import SqlError
from odibi_dagster_tests.sql.conftest import Lake

EXACT = decimal.Context(prec=120, Emax=999, Emin=-999)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def empty() -> Iterator[Lake]:
    with duckdb.connect() as connection:
        yield Lake(connection)


@st.composite
def typed(draw: st.DrawFn, most: int = 20) -> tuple[Decimal, int, int]:
    """A value with its precision and scale; ties, powers of two and extremes come up often."""
    precision = draw(st.integers(1, most))
    scale = draw(st.integers(0, precision))
    limit = 10**precision - 1
    whole = draw(st.one_of(
        st.integers(-limit, limit), st.sampled_from([0, 1, -1, limit, -limit]),
        st.integers(0, 60).map(lambda n: min(2**n, limit)),
        st.integers(1, 9).map(lambda n: min(5 * 10**n, limit)),
    ))  # fmt: skip
    return Decimal(whole).scaleb(-scale, EXACT), precision, scale


def adjusted(precision: int, scale: int) -> tuple[int, int]:
    if precision <= 38:
        return precision, scale
    digits = precision - scale
    return 38, max(38 - digits, min(scale, 6))


def run(
    lake: Lake, operator: str, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int]
) -> tuple[object, str]:
    lake.table("silver.n", f"x decimal({a[1]},{a[2]}), y decimal({b[1]},{b[2]})", [(a[0], b[0])])
    compiled = lake.compile(f"SELECT x {operator} y AS z FROM silver.n")
    try:
        row = lake.connection.execute(f"SELECT CAST(z AS VARCHAR) FROM ({compiled.sql})").fetchone()
        assert row is not None
        return Decimal(row[0]), str(compiled.columns[0].type)
    except duckdb.Error as error:
        return type(error).__name__, str(compiled.columns[0].type)


def expect(lake: Lake, operator: str, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int],
           precision: int, scale: int, value: Decimal) -> None:  # fmt: skip
    got, type = run(lake, operator, a, b)
    assert type == f"decimal({precision},{scale})"
    rounded = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, EXACT)
    if abs(rounded) >= Decimal(10) ** (precision - scale):
        assert isinstance(got, str), f"{got} should have overflowed"
    else:
        assert got == rounded


@QUICK
@given(typed(), typed(), st.sampled_from("+-"))
def test_sum_and_difference(
    empty: Lake, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int], op: str
) -> None:
    scale = max(a[2], b[2])
    precision = max(a[1] - a[2], b[1] - b[2]) + scale + 1
    value = EXACT.add(a[0], b[0]) if op == "+" else EXACT.subtract(a[0], b[0])
    if precision > 38:
        with pytest.raises(SqlError):
            run(empty, op, a, b)
    else:
        expect(empty, op, a, b, precision, scale, value)


@QUICK
@given(typed(24), typed(24))
def test_product(empty: Lake, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int]) -> None:
    precision, scale = adjusted(a[1] + b[1] + 1, a[2] + b[2])
    if a[1] + b[1] > 38 and scale != a[2] + b[2]:
        with pytest.raises(SqlError, match="more than 38"):
            run(empty, "*", a, b)
        return
    expect(empty, "*", a, b, precision, scale, EXACT.multiply(a[0], b[0]))


@settings(QUICK, max_examples=200)
@given(typed(14), typed(12))
def test_quotient(empty: Lake, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int]) -> None:
    full = max(6, a[2] + b[1] + 1)
    precision, scale = adjusted(a[1] - a[2] + b[2] + full, full)
    if a[1] + b[2] - a[2] + scale > 38:
        with pytest.raises(SqlError, match="38 digits"):
            run(empty, "/", a, b)
    elif b[0] == 0:
        assert isinstance(run(empty, "/", a, b)[0], str)
    else:
        expect(empty, "/", a, b, precision, scale, EXACT.divide(a[0], b[0]))


@QUICK
@given(typed(15), typed(15))
def test_remainder(empty: Lake, a: tuple[Decimal, int, int], b: tuple[Decimal, int, int]) -> None:
    scale = max(a[2], b[2])
    precision = min(a[1] - a[2], b[1] - b[2]) + scale
    if b[0] == 0:
        assert isinstance(run(empty, "%", a, b)[0], str)
    else:
        whole = EXACT.divide(a[0], b[0]).to_integral_value(ROUND_DOWN)
        expect(empty, "%", a, b, precision, scale, EXACT.subtract(a[0], EXACT.multiply(whole, b[0])))


@QUICK
@given(st.lists(st.one_of(st.none(), st.integers(-(10**10) + 1, 10**10 - 1)), max_size=70))
def test_sum_and_average(empty: Lake, cents: list[int | None]) -> None:
    values = [None if c is None else Decimal(c).scaleb(-2) for c in cents]
    empty.table("silver.n", "x decimal(10,2)", [(value,) for value in values])
    sql = "SELECT sum(x) AS s, avg(x) AS a FROM silver.n"
    assert empty.types(sql) == ["decimal(20,2)", "decimal(14,6)"]
    known = [value for value in values if value is not None]
    got = empty.rows(sql)[0]
    if not known:
        assert got == (None, None)
    else:
        total = sum(known, Decimal(0))
        mean = EXACT.divide(total, Decimal(len(known))).quantize(Decimal("0.000001"), ROUND_HALF_UP, EXACT)
        assert got == (total, mean)


@pytest.mark.parametrize(("numerator", "divisor", "wanted"), [
    # a quotient that ends in 5 right behind the last digit: x / 64 with six places has one more digit
    ("0.000001", "64", None), ("1.00", "16384", None), ("-1.00", "16384", None), ("3.00", "16384", None),
])  # fmt: skip
def test_ties_go_away_from_zero(empty: Lake, numerator: str, divisor: str, wanted: None) -> None:
    empty.table("silver.n", "x decimal(10,6), y int", [(Decimal(numerator), int(divisor))])
    got = empty.rows("SELECT x / y AS z FROM silver.n")[0][0]
    exact = EXACT.divide(Decimal(numerator), Decimal(divisor))
    assert got == exact.quantize(Decimal(1).scaleb(-17), ROUND_HALF_UP, EXACT)


def test_an_average_on_a_tie(empty: Lake) -> None:
    # 0.01 / 32 = 0.0003125 and 0.03 / 64 = 0.00046875: six places end in a tie; half-even would say 0.000312
    empty.table("silver.n", "x decimal(10,2)", [(Decimal("0.01"),)] + [(Decimal(0),)] * 31)
    assert empty.rows("SELECT avg(x) AS a FROM silver.n") == [(Decimal("0.000313"),)]
    empty.table("silver.n", "x decimal(10,2)", [(Decimal("-0.01"),)] + [(Decimal(0),)] * 31)
    assert empty.rows("SELECT avg(x) AS a FROM silver.n") == [(Decimal("-0.000313"),)]


@pytest.mark.parametrize(("text", "wanted"), [
    ("2.675", "2.68"), ("1.005", "1.01"), ("-0.125", "-0.13"), ("0.125", "0.13"), ("1e-5", "0.00"),
    ("12345.674999", "12345.67"),
])  # fmt: skip
def test_doubles_become_decimals_by_their_printed_digits(empty: Lake, text: str, wanted: str) -> None:
    empty.table("silver.n", "x double", [(float(text),)])
    assert empty.rows("SELECT CAST(x AS DECIMAL(10,2)) AS y FROM silver.n") == [(Decimal(wanted),)]


@pytest.mark.parametrize(("expression", "type", "value"), [
    ("round(CAST(2.345 AS DECIMAL(10,3)), 2)", "decimal(10,2)", "2.35"),
    ("round(CAST(-2.345 AS DECIMAL(10,3)), 2)", "decimal(10,2)", "-2.35"),
    ("round(CAST(2.5 AS DECIMAL(2,1)))", "decimal(2,0)", "3"),
    ("round(CAST(9.96 AS DECIMAL(3,2)), 1)", "decimal(3,1)", "10.0"),
    ("ceil(CAST(9.1 AS DECIMAL(2,1)))", "decimal(2,0)", "10"),
    ("floor(CAST(-9.1 AS DECIMAL(2,1)))", "decimal(2,0)", "-10"),
    ("CAST(CAST(12.345 AS DECIMAL(12,4)) AS DECIMAL(10,2))", "decimal(10,2)", "12.35"),
    ("coalesce(CAST(1.5 AS DECIMAL(10,2)), 0)", "decimal(12,2)", "1.50"),
    ("CAST(1.5 AS DECIMAL(10,2)) + 1", "decimal(11,2)", "2.50"),
    ("100.00 * 0.07", "decimal(8,4)", "7.0000"),
    ("-0.5", "decimal(1,1)", "-0.5"),
])  # fmt: skip
def test_worked_examples(empty: Lake, expression: str, type: str, value: str) -> None:
    sql = f"SELECT {expression} AS x"
    assert empty.types(sql) == [type]
    assert empty.rows(sql) == [(Decimal(value),)]
