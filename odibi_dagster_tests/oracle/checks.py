"""How many rows break each expectation of the shipped tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from odibi_dagster_tests.oracle import silver, spark
from odibi_dagster_tests.oracle.landed import read_landed

# What defs/bronze/countries.py lists.
COUNTRIES = frozenset(
    ("AU", "BR", "CA", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "JP", "NL", "PL", "PT", "SE", "US")
)


def expected_checks(landing_root: str | Path) -> dict[tuple[str, str], int]:
    """The rows that break an expectation, by table and expectation; those not listed are met by every row.

    `silver.orders.amount_is_positive` drops its rows; the others only warn. The warnings of silver.orders
    count the rows that are left.
    """
    landed = read_landed(landing_root)
    now = datetime.now(UTC)
    customers, orders = silver.customers(landed, now), silver.orders(landed, now)
    known_customers = {row["customer_id"] for row in customers}
    known_products = {row.product_id for row in landed.products}
    counts = {
        ("bronze.customers", "customer_id_is_known"): sum(
            row.customer_id is None for row in landed.customers
        ),
        ("bronze.orders", "order_id_is_known"): sum(row.order_id is None for row in landed.orders),
        ("bronze.products", "category_is_known"): sum(row.category is None for row in landed.products),
        ("silver.customers", "status_is_known"): sum(
            row["status"] not in ("active", "inactive", "blocked") for row in customers
        ),
        ("silver.customers", "country_is_known"): sum(
            row["country"] is not None and row["country"] not in COUNTRIES for row in customers
        ),
        ("silver.orders", "amount_is_positive"): sum(
            spark.to_decimal(row.amount, 10, 2) == 0 for row in silver.selected_orders(landed)
        ),
        ("silver.orders", "order_date_is_known"): sum(row["order_date"] is None for row in orders),
        ("silver.orders", "customer_is_known"): sum(
            row["customer_id"] not in known_customers for row in orders
        ),
        ("silver.orders", "product_is_known"): sum(
            row["product_id"] is not None and row["product_id"] not in known_products for row in orders
        ),
    }
    return {check: count for check, count in counts.items() if count}
