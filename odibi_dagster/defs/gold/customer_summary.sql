/*
description: The customers who have ordered, and how much. Read from customer_orders alone.
kind: full
owners: ["team:sales"]
tags: {domain: sales}
automation: eager
columns:
  customer_id: {type: bigint, nullable: false, description: The shop's number of the customer; one row each.}
  name: {type: string, pii: true, description: The customer's name.}
  email: {type: string, pii: true, nullable: false, description: The customer's e-mail address.}
  total_orders: {type: bigint, unit: orders, nullable: false, description: "How many orders, at least 1."}
  total_spent: {type: "decimal(20,2)", unit: EUR, description: Sum of the orders' amounts.}
  avg_order_value: {type: "decimal(14,6)", unit: EUR, description: Mean amount of an order.}
  last_order_date: {type: date, description: Day of the last order.}
expect:
  customer_id_is_unique: {unique: [customer_id], on_fail: fail}
  has_ordered: {sql: total_orders > 0, on_fail: fail}
*/
SELECT
    customer_id,
    name,
    email,
    COUNT(order_id) AS total_orders,
    SUM(amount) AS total_spent,
    AVG(amount) AS avg_order_value,
    MAX(order_date) AS last_order_date
FROM silver.customer_orders
GROUP BY customer_id, name, email
