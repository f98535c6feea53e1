/*
description: >
  The newest usable row of each customer, cleaned. A row without key or e-mail address, or with an impossible age,
  is not usable, and hides no older row that is.
kind: full
owners: ["team:sales"]
tags: {domain: sales}
automation: eager
columns:
  customer_id: {type: bigint, nullable: false, description: The shop's number of the customer; one row each.}
  name: {type: string, pii: true, description: In capitals and without padding.}
  email: {type: string, pii: true, nullable: false, description: In small letters and without padding.}
  age: {type: int, unit: years, nullable: false, description: Age when the row was exported.}
  status:
    type: string
    nullable: false
    description: active, inactive or blocked; inactive where the shop gave none.
  country: {type: string, description: ISO 3166-1 alpha-2 code.}
  processed_at: {type: timestamp, nullable: false, description: When this table was computed (UTC).}
expect:
  customer_id_is_unique: {unique: [customer_id], on_fail: fail}
  age_is_possible: {sql: age BETWEEN 0 AND 130, on_fail: fail}
  status_is_known: {accepted: {status: [active, inactive, blocked]}, on_fail: warn}
  country_is_known: {references: {country: bronze.countries.country_code}, on_fail: warn}
*/
WITH usable AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY updated_at DESC) AS recency
    FROM bronze.customers
    WHERE customer_id IS NOT NULL
      AND email IS NOT NULL
      AND age >= 0
)
SELECT
    customer_id,
    TRIM(UPPER(name)) AS name,
    LOWER(TRIM(email)) AS email,
    age,
    CASE WHEN status IS NULL THEN 'inactive' ELSE status END AS status,
    country,
    CURRENT_TIMESTAMP() AS processed_at
FROM usable
WHERE recency = 1
