"""ROLLUP, CUBE and GROUPING SETS, and which keys a row leaves out."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "grouping": (
        "SELECT k, cid, sum(amt) AS s, grouping(k) AS gk, grouping(cid) AS gc FROM silver.o GROUP BY ROLLUP(k, cid)",
        "SELECT k, grouping(k), count(*) FROM silver.o GROUP BY CUBE(k)",
        "SELECT k, count(*) AS n FROM silver.o GROUP BY ROLLUP(k) HAVING grouping(k) = 1",
        "SELECT k, count(*) AS n FROM silver.o GROUP BY CUBE(k, q) ORDER BY grouping(k), k, n, grouping(q), q",
        "SELECT k, sum(q) AS s, rank() OVER (PARTITION BY grouping(k) ORDER BY sum(q)) AS r FROM silver.o GROUP BY ROLLUP(k)",
        "SELECT CASE WHEN grouping(k) = 1 THEN 'all' ELSE k END AS k2, count(*) AS n FROM silver.o GROUP BY ROLLUP(k)",
        "SELECT k, grouping(k) FROM silver.o GROUP BY k",
        "SELECT k, grouping(q) FROM silver.o GROUP BY ROLLUP(k)",
        "SELECT x, grouping(x) AS gx, count(*) AS n FROM silver.v GROUP BY ROLLUP(x)",
    ),
    "grouping_id": (
        "SELECT k, cid, sum(amt) AS s, grouping_id() AS a, grouping_id(k, cid) AS b FROM silver.o GROUP BY ROLLUP(k, cid)",
        "SELECT k, cid, grouping_id() FROM silver.o GROUP BY k, cid WITH CUBE",
        "SELECT k, cid, grouping_id(k, cid) FROM silver.o GROUP BY k, cid GROUPING SETS ((k), (cid), ())",
        "SELECT k, cid, grouping_id() AS g, count(*) AS n FROM silver.o GROUP BY GROUPING SETS ((cid, k), k, ())",
        "SELECT k, grouping_id(cid) FROM silver.o GROUP BY ROLLUP(k, cid)",
        "SELECT k, cid, q, grouping_id() AS g, count(*) AS n FROM silver.o GROUP BY CUBE(k, cid, q)",
    ),
    "clauses": (
        "SELECT k, cid, sum(amt) AS s FROM silver.o GROUP BY ROLLUP(k, cid)",
        "SELECT k, cid, sum(amt) AS s FROM silver.o GROUP BY k, cid WITH ROLLUP",
        "SELECT k, cid, sum(amt) AS s FROM silver.o GROUP BY CUBE(k, cid)",
        "SELECT k, cid, avg(amt) AS s FROM silver.o GROUP BY k, ROLLUP(cid)",
        "SELECT k, cid, count(DISTINCT q) AS s FROM silver.o GROUP BY ROLLUP(k), CUBE(cid)",
        "SELECT k, cid, q, count(*) AS n FROM silver.o GROUP BY ROLLUP((k, cid), q)",
        "SELECT k, cid, count(*) AS n FROM silver.o GROUP BY GROUPING SETS ((k, cid), (k), (k), ())",
        "SELECT k, cid, count(*) AS n FROM silver.o GROUP BY GROUPING SETS (ROLLUP(k, cid), CUBE(k))",
        "SELECT k, cid, count(*) AS n FROM silver.o GROUP BY k, cid GROUPING SETS ((k, cid), k)",
        "SELECT k, count(*) AS n FROM silver.e e JOIN silver.o o ON e.i = o.id GROUP BY ROLLUP(k)",
        "SELECT s, sum(i) AS n FROM silver.e GROUP BY CUBE(s)",
        "SELECT count(*) AS n FROM silver.e GROUP BY GROUPING SETS ((s), ())",
        "SELECT cid + 1 AS c, sum(cid) AS s, cid FROM silver.o GROUP BY ROLLUP(cid)",
        "SELECT cid + 1 AS c, sum(cid) AS s FROM silver.o GROUP BY ROLLUP(cid + 1)",
        "SELECT cid + 1 AS c, sum(cid) AS s FROM silver.o GROUP BY ROLLUP(c)",
        "SELECT k, cid, count(*) AS n FROM silver.o GROUP BY ROLLUP(1, 2)",
        "SELECT coalesce(k, 'none') AS k2, max(d) AS m FROM silver.o GROUP BY ROLLUP(k)",
        "SELECT x, d, count(*) AS n FROM silver.v GROUP BY CUBE(x, d)",
        "SELECT u, dt, min(p38) AS m, sum(h38) AS s FROM silver.v WHERE id <> 1 GROUP BY ROLLUP(u, dt)",
        "SELECT g, sum(a) AS s, sum(g) AS sg, count(g) AS cg FROM silver.v GROUP BY CUBE(g)",
        "SELECT DISTINCT k FROM silver.o GROUP BY CUBE(k, q)",
        "WITH r AS (SELECT k, cid, sum(q) AS s FROM silver.o GROUP BY CUBE(k, cid)) SELECT count(*) AS n, sum(s) AS s FROM r",
    ),
}
