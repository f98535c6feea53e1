"""The silver tables."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from odibi_dagster_tests.oracle import spark
from odibi_dagster_tests.oracle.landed import Customer, Landed, Order

Row = dict[str, object]


def customers(landed: Landed, now: datetime) -> list[Row]:
    newest: dict[int, Customer] = {}
    for row in landed.customers:
        if row.customer_id is None or row.email is None or row.age is None or row.age < 0:
            continue
        known = newest.get(row.customer_id)
        if known is None or row.updated_at > known.updated_at:
            newest[row.customer_id] = row
    return [
        {
            "customer_id": row.customer_id,
            "name": spark.trim(spark.upper(row.name)),
            "email": spark.lower(spark.trim(row.email)),
            "age": row.age,
            "status": "inactive" if row.status is None else row.status,
            "country": row.country,
            "processed_at": now,
        }
        for row in newest.values()
    ]


def selected_orders(landed: Landed) -> list[Order]:
    """The landed orders that the query takes, before any expectation drops rows."""
    return [
        row
        for row in landed.orders
        if row.order_id is not None
        and row.customer_id is not None
        and row.amount is not None
        and row.amount > 0
        and row.quantity is not None
        and row.quantity > 0
    ]


def orders(landed: Landed, now: datetime) -> list[Row]:
    rows: list[Row] = []
    for row in selected_orders(landed):
        amount = spark.to_decimal(row.amount, 10, 2)
        if amount is None or amount <= 0:  # amount_is_positive, on_fail: drop
            continue
        rows.append(
            {
                "order_id": row.order_id,
                "customer_id": row.customer_id,
                "product_id": row.product_id,
                "amount": amount,
                "quantity": spark.to_int(row.quantity),
                "order_date": spark.to_date(row.order_date),
                "processed_at": now,
            }
        )
    return rows


def customer_orders(silver_customers: list[Row], silver_orders: list[Row]) -> list[Row]:
    by_id = {row["customer_id"]: row for row in silver_customers}
    return [
        {
            "customer_id": order["customer_id"],
            "name": by_id[order["customer_id"]]["name"],
            "email": by_id[order["customer_id"]]["email"],
            "order_id": order["order_id"],
            "amount": order["amount"],
            "order_date": order["order_date"],
        }
        for order in silver_orders
        if order["customer_id"] in by_id
    ]


def large_orders(silver_orders: list[Row]) -> list[Row]:
    return [dict(order) for order in silver_orders if order["amount"] > Decimal(100)]
