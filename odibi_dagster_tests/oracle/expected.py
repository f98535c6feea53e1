"""Every silver and gold table's rows, and its columns' Spark types in order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from odibi_dagster_tests.oracle import gold, silver
from odibi_dagster_tests.oracle.landed import read_landed

_ORDERS = {
    "order_id": "bigint",
    "customer_id": "bigint",
    "product_id": "bigint",
    "amount": "decimal(10,2)",
    "quantity": "int",
    "order_date": "date",
    "processed_at": "timestamp",
}

TYPES: dict[str, dict[str, str]] = {
    "silver.customers": {
        "customer_id": "bigint",
        "name": "string",
        "email": "string",
        "age": "int",
        "status": "string",
        "country": "string",
        "processed_at": "timestamp",
    },
    "silver.orders": _ORDERS,
    "silver.customer_orders": {
        "customer_id": "bigint",
        "name": "string",
        "email": "string",
        "order_id": "bigint",
        "amount": "decimal(10,2)",
        "order_date": "date",
    },
    "silver.large_orders": _ORDERS,
    "gold.customer_metrics": {
        "customer_id": "bigint",
        "name": "string",
        "email": "string",
        "country": "string",
        "total_orders": "bigint",
        "total_spent": "decimal(20,2)",
        "avg_order_value": "decimal(14,6)",
        "first_order_date": "date",
        "last_order_date": "date",
        "customer_lifetime_days": "int",
    },
    "gold.product_metrics": {
        "product_id": "bigint",
        "product_name": "string",
        "category": "string",
        "times_ordered": "bigint",
        "total_quantity_sold": "bigint",
        "total_revenue": "decimal(20,2)",
        "avg_price_per_unit": "decimal(25,17)",
    },
    "gold.customer_summary": {
        "customer_id": "bigint",
        "name": "string",
        "email": "string",
        "total_orders": "bigint",
        "total_spent": "decimal(20,2)",
        "avg_order_value": "decimal(14,6)",
        "last_order_date": "date",
    },
    "gold.category_snapshots": {
        "category": "string",
        "orders": "bigint",
        "quantity_sold": "bigint",
        "revenue": "decimal(20,2)",
        "snapshot_at": "timestamp",
        "year": "int",
        "month": "int",
        "day": "int",
    },
}


def expected_tables(landing_root: str | Path, now: datetime) -> dict[str, list[dict[str, object]]]:
    """The rows, in no order, that each table holds after one run at `now` over everything that has landed.

    `now` (aware) stands in `processed_at` and `snapshot_at`; each table of a real run has an instant of its
    own there, which `differences(…, ignoring=…)` leaves out. Decimals have the scale of their type.
    """
    landed = read_landed(landing_root)
    customers = silver.customers(landed, now)
    orders = silver.orders(landed, now)
    customer_orders = silver.customer_orders(customers, orders)
    return {
        "silver.customers": customers,
        "silver.orders": orders,
        "silver.customer_orders": customer_orders,
        "silver.large_orders": silver.large_orders(orders),
        "gold.customer_metrics": gold.customer_metrics(customers, orders),
        "gold.product_metrics": gold.product_metrics(landed, orders),
        "gold.customer_summary": gold.customer_summary(customer_orders),
        "gold.category_snapshots": gold.category_snapshots(landed, orders, now),
    }
