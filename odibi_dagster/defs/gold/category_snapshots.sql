/*
description: >
  What each category had sold by the time of the run: one set of rows for each run that saw new orders or products,
  in the folder of the run's day (UTC).
kind: append
partition_by: [year, month, day]
owners: ["team:catalogue"]
tags: {domain: catalogue}
automation: {cron: "0 3 * * *"}
freshness: {within: 26h}
columns:
  category:
    type: string
    nullable: false
    description: The category; unknown for products that are in none, or not in the catalogue.
  orders: {type: bigint, unit: orders, nullable: false, description: How many orders.}
  quantity_sold: {type: bigint, unit: pieces, description: How many pieces.}
  revenue: {type: "decimal(20,2)", unit: EUR, description: Sum of the orders' amounts.}
  snapshot_at: {type: timestamp, nullable: false, description: The time of the run (UTC).}
  year: {type: int, nullable: false, description: Of snapshot_at.}
  month: {type: int, nullable: false, description: Of snapshot_at.}
  day: {type: int, nullable: false, description: Of snapshot_at.}
expect:
  some_categories: {rows: {min: 1}, on_fail: fail}
  category_is_unique: {unique: [category, snapshot_at], on_fail: fail}
  snapshot_is_recent: {fresh: {column: snapshot_at, within: 36h}, on_fail: warn}
*/
WITH sold AS (
    SELECT
        product_id,
        COUNT(order_id) AS orders,
        SUM(quantity) AS quantity,
        SUM(amount) AS amount
    FROM silver.orders
    GROUP BY product_id
)
SELECT
    COALESCE(p.category, 'unknown') AS category,
    SUM(s.orders) AS orders,
    SUM(s.quantity) AS quantity_sold,
    CAST(SUM(s.amount) AS DECIMAL(20,2)) AS revenue,
    CURRENT_TIMESTAMP() AS snapshot_at,
    YEAR(CURRENT_DATE()) AS year,
    MONTH(CURRENT_DATE()) AS month,
    DAY(CURRENT_DATE()) AS day
FROM sold AS s
LEFT JOIN bronze.products AS p
  ON s.product_id = p.product_id
GROUP BY COALESCE(p.category, 'unknown')
