"""
description: Orders above 100 EUR.
kind: full
owners: ["team:sales"]
tags: {domain: sales}
automation: eager
columns:
  order_id: {type: bigint, description: The shop's number of the order.}
  amount: {type: "decimal(10,2)", unit: EUR, description: "What the order cost: more than 100."}
expect:
  amount_is_large: {sql: amount > 100, on_fail: fail}
"""

import narwhals as nw


def large_orders(silver_orders: nw.LazyFrame) -> nw.LazyFrame:
    return silver_orders.filter(nw.col("amount") > 100)
