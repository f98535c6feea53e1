"""The gold tables: joined first, then grouped, exactly as the definitions read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from odibi_dagster_tests.oracle import spark
from odibi_dagster_tests.oracle.landed import Landed
from odibi_dagster_tests.oracle.silver import Row

_AMOUNT = (10, 2)
_PRICE = (21, 13)  # amount / quantity: decimal(10,2) / int


def customer_metrics(silver_customers: list[Row], silver_orders: list[Row]) -> list[Row]:
    orders = _grouped(silver_orders, ["customer_id"])
    rows = []
    for customer in silver_customers:
        own = orders.get((customer["customer_id"],), [])
        dates = [order["order_date"] for order in own]
        rows.append(
            {
                **{name: customer[name] for name in ("customer_id", "name", "email", "country")},
                "total_orders": len(own),
                "total_spent": spark.total((order["amount"] for order in own), *_AMOUNT),
                "avg_order_value": spark.mean((order["amount"] for order in own), *_AMOUNT),
                "first_order_date": spark.least(dates),
                "last_order_date": spark.greatest(dates),
                "customer_lifetime_days": spark.datediff(spark.greatest(dates), spark.least(dates)),
            }
        )
    return rows


def product_metrics(landed: Landed, silver_orders: list[Row]) -> list[Row]:
    orders = _grouped(silver_orders, ["product_id"])
    rows = []
    for product in landed.products:
        own = [] if product.product_id is None else orders.get((product.product_id,), [])
        if not own:
            continue
        prices = (
            spark.divide(order["amount"], order["quantity"], _AMOUNT, (spark.INT_DIGITS, 0)) for order in own
        )
        rows.append(
            {
                "product_id": product.product_id,
                "product_name": product.product_name,
                "category": product.category,
                "times_ordered": len(own),
                "total_quantity_sold": sum(order["quantity"] for order in own),
                "total_revenue": spark.total((order["amount"] for order in own), *_AMOUNT),
                "avg_price_per_unit": spark.mean(prices, *_PRICE),
            }
        )
    return rows


def customer_summary(customer_orders: list[Row]) -> list[Row]:
    keys = ["customer_id", "name", "email"]
    return [
        {
            **dict(zip(keys, key, strict=True)),
            "total_orders": len(own),
            "total_spent": spark.total((order["amount"] for order in own), *_AMOUNT),
            "avg_order_value": spark.mean((order["amount"] for order in own), *_AMOUNT),
            "last_order_date": spark.greatest(order["order_date"] for order in own),
        }
        for key, own in _grouped(customer_orders, keys).items()
    ]


def category_snapshots(landed: Landed, silver_orders: list[Row], now: datetime) -> list[Row]:
    categories = {product.product_id: product.category for product in landed.products}
    categories.pop(None, None)  # NULL equals nothing
    by_category: dict[str, list[Row]] = defaultdict(list)
    for order in silver_orders:
        by_category[categories.get(order["product_id"]) or "unknown"].append(order)
    day = now.astimezone(UTC)
    return [
        {
            "category": category,
            "orders": len(own),
            "quantity_sold": sum(order["quantity"] for order in own),
            "revenue": spark.to_decimal(spark.total((order["amount"] for order in own), *_AMOUNT), 20, 2),
            "snapshot_at": now,
            "year": day.year,
            "month": day.month,
            "day": day.day,
        }
        for category, own in by_category.items()
    ]


def _grouped(rows: Iterable[Row], keys: list[str]) -> dict[tuple[object, ...], list[Row]]:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    return groups
