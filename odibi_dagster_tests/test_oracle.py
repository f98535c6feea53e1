"""The oracle against cases worked by hand."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path

import duckdb
import pytest

import odibi_dagster
from odibi_dagster.demo import generate, more_orders
from odibi_dagster.tables.load import load_tables
from odibi_dagster.tables.spec import FreshRule, RowsRule, UniqueRule
from odibi_dagster_tests.oracle import TYPES, differences, expected_checks, expected_tables, spark
from odibi_dagster_tests.oracle.checks import COUNTRIES
from odibi_dagster_tests.oracle.landed import read_landed

DEFS = Path(odibi_dagster.__file__).parent / "defs"

NOW = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)

CUSTOMERS = """
    (1, '  anna Smith ', ' Anna@Example.COM ', 30, NULL, 'DE', TIMESTAMPTZ '2024-01-02 00:00:00+00'),
    (1, 'anna', 'old@example.com', 29, 'active', 'DE', TIMESTAMPTZ '2024-01-01 00:00:00+00'),
    (1, 'anna', NULL, 31, 'active', 'DE', TIMESTAMPTZ '2024-01-03 00:00:00+00'),
    (1, 'anna', 'x@example.com', -1, 'active', 'DE', TIMESTAMPTZ '2024-01-04 00:00:00+00'),
    (2, NULL, 'b@example.com', 0, 'legacy', 'XX', TIMESTAMPTZ '2024-01-01 00:00:00+00'),
    (3, 'zoë', 'z@example.com', 50, 'active', NULL, TIMESTAMPTZ '2024-01-01 00:00:00+00'),
    (4, 'gone', 'g@example.com', NULL, 'active', 'FR', TIMESTAMPTZ '2024-01-01 00:00:00+00'),
    (NULL, 'nobody', 'n@example.com', 20, 'active', 'FR', TIMESTAMPTZ '2024-01-01 00:00:00+00')
"""
ORDERS = """
    (1, 1, 1, 100.0050, 3, '2024-01-31'),
    (2, 1, 1, 199.9950, 7, '2024-02-29'),
    (3, 1, 2, 0.0049, 1, '2024-02-01'),
    (4, 1, 2, -5.0000, 1, '2024-02-01'),
    (5, 1, 2, 5.0000, 0, '2024-02-01'),
    (6, 3, 2, 100.0000, 1, NULL),
    (7, 9, NULL, 0.0050, 2, '2024-02-01'),
    (8, 3, 7, 10.0049, 1, '2024-02-03'),
    (NULL, 1, 1, 1.0000, 1, '2024-02-01'),
    (9, NULL, 1, 1.0000, 1, '2024-02-01'),
    (10, 1, 1, NULL, 1, '2024-02-01'),
    (11, 1, 1, 1.0000, NULL, '2024-02-01')
"""
PRODUCTS = """
    (1, 'lamp', 'office', 9.9900),
    (2, 'mat', NULL, 5.0000),
    (3, 'never ordered', 'office', 1.0000),
    (NULL, 'no key', 'toys', 1.0000)
"""


def _land(root: Path) -> Path:
    for name, folder, columns, rows in (
        ("c", "customers/2024", "customer_id, name, email, age, status, country, updated_at", CUSTOMERS),
        ("o", "orders/2024", "order_id, customer_id, product_id, amount, quantity, order_date", ORDERS),
        ("p", "products", "product_id, product_name, category, list_price", PRODUCTS),
    ):
        (root / "raw" / folder).mkdir(parents=True)
        duckdb.connect().execute(
            f"COPY (SELECT * FROM (VALUES {rows}) t({columns})) TO '{root}/raw/{folder}/{name}.parquet'"
        )
    return root


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    return expected_tables(_land(tmp_path_factory.mktemp("landing")), NOW)


def _is(rows: list[dict[str, object]], table: str, *wanted: tuple[object, ...]) -> None:
    """The rows are exactly these, decimals with their type's scale included."""
    names = list(TYPES[table])
    assert all(list(row) == names for row in rows)
    assert sorted(map(repr, (tuple(row.values()) for row in rows))) == sorted(map(repr, wanted))


def test_customers_keep_the_newest_usable_row(expected: dict[str, list[dict[str, object]]]) -> None:
    _is(
        expected["silver.customers"],
        "silver.customers",
        (1, "ANNA SMITH", "anna@example.com", 30, "inactive", "DE", NOW),
        (2, None, "b@example.com", 0, "legacy", "XX", NOW),
        (3, "ZOË", "z@example.com", 50, "active", None, NOW),
    )


def test_orders_round_half_up_and_drop_what_becomes_zero(
    expected: dict[str, list[dict[str, object]]],
) -> None:
    _is(
        expected["silver.orders"],
        "silver.orders",
        (1, 1, 1, D("100.01"), 3, date(2024, 1, 31), NOW),
        (2, 1, 1, D("200.00"), 7, date(2024, 2, 29), NOW),
        (6, 3, 2, D("100.00"), 1, None, NOW),
        (7, 9, None, D("0.01"), 2, date(2024, 2, 1), NOW),
        (8, 3, 7, D("10.00"), 1, date(2024, 2, 3), NOW),
    )


def test_customer_orders_have_known_customers_only(expected: dict[str, list[dict[str, object]]]) -> None:
    _is(
        expected["silver.customer_orders"],
        "silver.customer_orders",
        (1, "ANNA SMITH", "anna@example.com", 1, D("100.01"), date(2024, 1, 31)),
        (1, "ANNA SMITH", "anna@example.com", 2, D("200.00"), date(2024, 2, 29)),
        (3, "ZOË", "z@example.com", 6, D("100.00"), None),
        (3, "ZOË", "z@example.com", 8, D("10.00"), date(2024, 2, 3)),
    )


def test_large_orders_are_above_100(expected: dict[str, list[dict[str, object]]]) -> None:
    assert sorted(row["order_id"] for row in expected["silver.large_orders"]) == [1, 2]


def test_customer_metrics_have_a_row_for_everybody(expected: dict[str, list[dict[str, object]]]) -> None:
    _is(
        expected["gold.customer_metrics"],
        "gold.customer_metrics",
        (
            *(1, "ANNA SMITH", "anna@example.com", "DE", 2, D("300.01"), D("150.005000")),
            *(date(2024, 1, 31), date(2024, 2, 29), 29),
        ),
        (2, None, "b@example.com", "XX", 0, None, None, None, None, None),
        (
            *(3, "ZOË", "z@example.com", None, 2, D("110.00"), D("55.000000")),
            *(date(2024, 2, 3), date(2024, 2, 3), 0),
        ),
    )


def test_product_metrics_round_each_quotient_and_then_the_mean(
    expected: dict[str, list[dict[str, object]]],
) -> None:
    # 100.01 / 3 = 33.3366666666667 and 200 / 7 = 28.5714285714286, both to 13 decimals; their mean to 17.
    _is(
        expected["gold.product_metrics"],
        "gold.product_metrics",
        (1, "lamp", "office", 2, 10, D("300.01"), D("30.95404761904765000")),
        (2, "mat", None, 1, 1, D("100.00"), D("100.00000000000000000")),
    )


def test_customer_summary_has_those_who_ordered(expected: dict[str, list[dict[str, object]]]) -> None:
    _is(
        expected["gold.customer_summary"],
        "gold.customer_summary",
        (1, "ANNA SMITH", "anna@example.com", 2, D("300.01"), D("150.005000"), date(2024, 2, 29)),
        (3, "ZOË", "z@example.com", 2, D("110.00"), D("55.000000"), date(2024, 2, 3)),
    )


def test_category_snapshots_count_every_order(expected: dict[str, list[dict[str, object]]]) -> None:
    # Unknown: product 2 is in no category, order 7 names no product, product 7 is not in the catalogue.
    _is(
        expected["gold.category_snapshots"],
        "gold.category_snapshots",
        ("office", 2, 10, D("300.01"), NOW, 2026, 3, 9),
        ("unknown", 3, 4, D("110.01"), NOW, 2026, 3, 9),
    )


def test_checks_count_the_rows_that_break_them(tmp_path: Path) -> None:
    assert expected_checks(_land(tmp_path)) == {
        ("bronze.customers", "customer_id_is_known"): 1,
        ("bronze.orders", "order_id_is_known"): 1,
        ("bronze.products", "category_is_known"): 1,
        ("silver.customers", "status_is_known"): 1,
        ("silver.customers", "country_is_known"): 1,
        ("silver.orders", "amount_is_positive"): 1,
        ("silver.orders", "order_date_is_known"): 1,
        ("silver.orders", "customer_is_known"): 1,
        ("silver.orders", "product_is_known"): 1,
    }


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.00499999", "1.00"), ("0.0049", "0.00"), ("2", "2.00")],
)
def test_cast_rounds_half_away_from_zero(value: str, wanted: str) -> None:
    assert str(spark.to_decimal(D(value), 10, 2)) == wanted


def test_a_decimal_that_does_not_fit_raises() -> None:
    assert str(spark.to_decimal(D("99999999.994"), 10, 2)) == "99999999.99"
    with pytest.raises(ArithmeticError):
        spark.to_decimal(D("99999999.995"), 10, 2)
    with pytest.raises(ArithmeticError):
        spark.to_int(2**31)


def test_mean_has_four_more_decimals_and_rounds_ties_up() -> None:
    assert str(spark.mean([D("0.01")] + [D("0.00")] * 31, 10, 2)) == "0.000313"  # 0.0003125
    assert str(spark.mean([D("-0.01")] + [D("0.00")] * 31, 10, 2)) == "-0.000313"
    assert spark.mean([None], 10, 2) is None


def test_quotient_has_the_scale_of_its_operands() -> None:
    assert str(spark.divide(D("1.00"), 3, (10, 2), (10, 0))) == "0.3333333333333"
    assert str(spark.divide(D("2"), D("3"), (1, 0), (1, 0))) == "0.666667"
    with pytest.raises(ZeroDivisionError):
        spark.divide(D("1.00"), 0, (10, 2), (10, 0))


def test_trim_takes_spaces_only() -> None:
    assert spark.trim(" \ta ") == "\ta"


def test_differences_tell_a_lost_a_doubled_and_a_changed_row() -> None:
    rows = [{"id": 1, "amount": D("1.50"), "at": NOW}, {"id": 2, "amount": None, "at": NOW}]
    same = [{"at": NOW, "id": 2, "amount": float("nan")}, {"id": 1, "amount": D("1.5"), "at": NOW}]
    assert differences(rows, same) == []
    assert [line[:7] for line in differences(rows, same[:1])] == ["missing"]
    assert [line[:12] for line in differences(rows, [*same, same[0]])] == ["not expected"]
    assert len(differences(rows, [same[0], {**same[1], "amount": D("1.51")}])) == 2
    assert len(differences(rows, [same[0], {**same[1], "amount": 1.5}])) == 2, "a decimal is no double"
    assert differences(rows, [{**row, "at": None} for row in same], ignoring=["at"]) == []
    assert "columns" in differences(rows, [{"id": 1}])[0]


def test_every_table_and_every_rule_has_rows_in_the_demo_data(tmp_path: Path) -> None:
    generate(tmp_path)
    tables = expected_tables(tmp_path, NOW)
    assert set(tables) == set(TYPES) and all(tables.values())
    assert len(expected_checks(tmp_path)) == 9
    assert any(row["total_orders"] == 0 for row in tables["gold.customer_metrics"])
    assert any(row["order_date"] is None for row in tables["silver.orders"])


def test_the_shipped_countries_are_those_the_checks_know() -> None:
    spec = importlib.util.spec_from_file_location("countries", DEFS / "bronze" / "countries.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = duckdb.from_arrow(module.countries())
    assert table.columns == ["country_code", "country_name", "region"]
    assert {code for code, *_ in table.fetchall()} == COUNTRIES
    assert all(value for row in table.fetchall() for value in row)


ROW_RULES = {
    ("silver.customers", "age_is_possible"): lambda row: 0 <= row["age"] <= 130,
    ("silver.orders", "quantity_is_positive"): lambda row: row["quantity"] > 0,
    ("silver.customer_orders", "amount_is_positive"): lambda row: row["amount"] > 0,
    ("silver.large_orders", "amount_is_large"): lambda row: row["amount"] > 100,
    ("gold.customer_metrics", "lifetime_is_not_negative"): lambda row: (
        row["customer_lifetime_days"] is None or row["customer_lifetime_days"] >= 0
    ),
    ("gold.product_metrics", "was_ordered"): lambda row: (
        row["times_ordered"] > 0 and row["total_quantity_sold"] > 0
    ),
    ("gold.customer_summary", "has_ordered"): lambda row: row["total_orders"] > 0,
}


def test_no_shipped_rule_fails_on_the_demo_data(tmp_path: Path) -> None:
    """What is declared `on_fail: fail` or `nullable: false` holds; what warns has rows to warn of."""
    generate(tmp_path)
    more_orders(tmp_path, 3_000, 1)
    landed = read_landed(tmp_path)
    tables = expected_tables(tmp_path, NOW) | {
        "bronze.customers": [row._asdict() for row in landed.customers],
        "bronze.orders": [row._asdict() for row in landed.orders],
        "bronze.products": [row._asdict() for row in landed.products],
        "bronze.countries": [{"country_code": code} for code in COUNTRIES],
    }
    broken = expected_checks(tmp_path)
    specs = load_tables(DEFS, {})
    assert {spec.key for spec in specs} == set(tables)
    for spec in specs:
        rows = tables[spec.key]
        for name, column in spec.columns.items():
            if spec.key in TYPES:
                assert TYPES[spec.key][name] == str(column.type), (spec.key, name)
            if not column.nullable and name in rows[0]:
                assert all(row[name] is not None for row in rows), (spec.key, name)
        for expectation in spec.expect:
            check = (spec.key, expectation.name)
            if expectation.on_fail != "fail":
                assert check in broken or isinstance(expectation.rule, FreshRule), check
                continue
            assert check not in broken, check
            match expectation.rule:
                case UniqueRule(columns):
                    keys = [tuple(row[column] for column in columns) for row in rows]
                    assert len(set(keys)) == len(keys), check
                case RowsRule(minimum, maximum):
                    assert (minimum or 0) <= len(rows) <= (maximum or len(rows)), check
                case _:
                    assert all(map(ROW_RULES[check], rows)), check
