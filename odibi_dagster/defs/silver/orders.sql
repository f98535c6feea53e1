/*
description: >
  Orders with a key, a customer, an amount and a quantity, in cents and calendar days.
  An amount below half a cent is above 0 when it lands and 0.00 here: such rows are dropped, and counted.
kind: full
partition_by: [order_date]
owners: ["team:sales"]
tags: {domain: sales}
automation: eager
columns:
  order_id: {type: bigint, nullable: false, description: The shop's number of the order; one row each.}
  customer_id: {type: bigint, nullable: false, description: Who ordered.}
  product_id: {type: bigint, description: What was ordered; NULL where the till did not say.}
  amount: {type: "decimal(10,2)", unit: EUR, nullable: false, description: "What the order cost, ties rounded up."}
  quantity: {type: int, unit: pieces, nullable: false, description: How many.}
  order_date: {type: date, description: The day of the order; NULL where the till did not say.}
  processed_at: {type: timestamp, nullable: false, description: When this table was computed (UTC).}
expect:
  amount_is_positive: {sql: amount > 0, on_fail: drop}
  order_id_is_unique: {unique: [order_id], on_fail: fail}
  quantity_is_positive: {sql: quantity > 0, on_fail: fail}
  order_date_is_known: {not_null: [order_date], on_fail: warn}
  customer_is_known: {references: {customer_id: silver.customers.customer_id}, on_fail: warn}
  product_is_known: {references: {product_id: bronze.products.product_id}, on_fail: warn}
*/
SELECT
    order_id,
    customer_id,
    product_id,
    CAST(amount AS DECIMAL(10,2)) AS amount,
    CAST(quantity AS INT) AS quantity,
    TO_DATE(order_date) AS order_date,
    CURRENT_TIMESTAMP() AS processed_at
FROM bronze.orders
WHERE order_id IS NOT NULL
  AND customer_id IS NOT NULL
  AND amount > 0
  AND quantity > 0
