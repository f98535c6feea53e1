/*
description: How each product sells, best first; products that nobody ordered are not in it.
kind: full
owners: ["team:catalogue"]
tags: {domain: catalogue}
automation: eager
columns:
  product_id: {type: bigint, nullable: false, description: The shop's number of the product; one row each.}
  product_name: {type: string, description: What customers read.}
  category: {type: string, description: Where the shop shows it; not yet sorted in where NULL.}
  times_ordered: {type: bigint, unit: orders, nullable: false, description: How many orders.}
  total_quantity_sold: {type: bigint, unit: pieces, description: How many pieces.}
  total_revenue: {type: "decimal(20,2)", unit: EUR, description: Sum of the orders' amounts.}
  avg_price_per_unit:
    type: decimal(25,17)
    unit: EUR
    description: Mean, over the orders, of the amount for one piece.
expect:
  some_products: {rows: {min: 1}, on_fail: fail}
  product_id_is_unique: {unique: [product_id], on_fail: fail}
  was_ordered: {sql: times_ordered > 0 AND total_quantity_sold > 0, on_fail: fail}
*/
-- Orders are added up before the join: the same result as grouping joined rows, since a product is one row.
WITH orders AS (
    SELECT
        product_id,
        COUNT(order_id) AS times_ordered,
        SUM(quantity) AS total_quantity_sold,
        SUM(amount) AS total_revenue,
        AVG(amount / quantity) AS avg_price_per_unit
    FROM silver.orders
    GROUP BY product_id
    HAVING times_ordered > 0
)
SELECT
    p.product_id,
    p.product_name,
    p.category,
    o.times_ordered,
    o.total_quantity_sold,
    o.total_revenue,
    o.avg_price_per_unit
FROM bronze.products AS p
JOIN orders AS o
  ON p.product_id = o.product_id
ORDER BY total_revenue DESC
