/*
description: Each order beside the customer who placed it; orders of unknown customers are not in it.
kind: full
partition_by: [order_date]
owners: ["team:sales"]
tags: {domain: sales}
automation: eager
columns:
  customer_id: {type: bigint, nullable: false, description: Who ordered.}
  name: {type: string, pii: true, description: The customer's name.}
  email: {type: string, pii: true, nullable: false, description: The customer's e-mail address.}
  order_id: {type: bigint, nullable: false, description: The shop's number of the order; one row each.}
  amount: {type: "decimal(10,2)", unit: EUR, nullable: false, description: What the order cost.}
  order_date: {type: date, description: The day of the order.}
expect:
  amount_is_positive: {sql: amount > 0, on_fail: fail}
*/
SELECT
    c.customer_id,
    c.name,
    c.email,
    o.order_id,
    o.amount,
    o.order_date
FROM silver.customers AS c
JOIN silver.orders AS o
  ON c.customer_id = o.customer_id
