"""Aggregates: over groups, over nothing, over windows, with DISTINCT and FILTER."""

from __future__ import annotations

_ALL = ("i", "bi", "si", "ti", "x", "f", "a", "w", "h")


def _over(function: str, *columns: str) -> tuple[str, ...]:
    """The aggregate over all rows, over none, and over groups."""
    listed = ", ".join(f"{function}({column})" for column in columns)
    return (
        f"SELECT {listed} FROM silver.v",
        f"SELECT {listed} FROM silver.e",
        f"SELECT {listed} FROM silver.v WHERE id = 4",
        f"SELECT g, {listed} FROM silver.v GROUP BY g",
    )


CASES: dict[str, tuple[str, ...]] = {
    "count": (
        *_over("count", "*", "i", "s", "x", "ai", "m", "st"),
        "SELECT count(DISTINCT i), count(DISTINCT g, bo), count(i, s), count(DISTINCT x) FROM silver.v",
        "SELECT g, count(*) FILTER (WHERE bo), count(DISTINCT s) FILTER (WHERE i > 1) FROM silver.v GROUP BY g",
        "SELECT id, count(*) OVER (PARTITION BY g ORDER BY id), count(s) OVER (PARTITION BY g) FROM silver.v",
        "SELECT count(DISTINCT d) FROM silver.v WHERE d = 0",
        "SELECT count(DISTINCT ai) FROM silver.v",
        "SELECT count(1) FROM silver.e",
    ),
    "count_if": (
        *_over("count_if", "bo", "i > 1"),
        "SELECT count_if(bo) FILTER (WHERE id > 2) FROM silver.v",
    ),
    "sum": (
        "SELECT sum(i), sum(j), sum(si), sum(ti), sum(d), sum(a), sum(b), sum(w), sum(h), sum(f) FROM silver.v",
        "SELECT sum(i), sum(j), sum(si), sum(ti), sum(d), sum(a), sum(b), sum(w), sum(h), sum(f) FROM silver.e",
        "SELECT g, sum(i), sum(d), sum(x), sum(a), sum(h) FROM silver.v GROUP BY g",
        "SELECT sum(bi) FROM silver.v",
        "SELECT sum(bi) FROM silver.v WHERE id < 4",
        "SELECT sum(DISTINCT g), sum(DISTINCT d), sum(DISTINCT a), sum(DISTINCT si) FROM silver.v",
        "SELECT sum(h38) FROM silver.v",
        "SELECT sum(p38) FROM silver.v",
        "SELECT sum(s) FROM silver.v",
        "SELECT sum(bo) FROM silver.v",
        "SELECT sum(i) FILTER (WHERE bo), sum(a) FILTER (WHERE false) FROM silver.v",
        "SELECT id, sum(i) OVER (PARTITION BY g ORDER BY id), sum(a) OVER (ORDER BY id) FROM silver.v",
    ),
    "avg": (
        "SELECT avg(i), avg(j), avg(bi), avg(si), avg(ti), avg(d), avg(a), avg(b), avg(w), avg(f) FROM silver.v",
        "SELECT avg(i), avg(j), avg(bi), avg(si), avg(ti), avg(d), avg(a), avg(b), avg(w), avg(f) FROM silver.e",
        "SELECT g, mean(i), avg(x), avg(a), avg(w) FROM silver.v GROUP BY g",
        "SELECT avg(DISTINCT g), avg(DISTINCT a), avg(DISTINCT d) FROM silver.v",
        "SELECT avg(h) FROM silver.v",
        "SELECT avg(h38) FROM silver.v",
        "SELECT id, avg(i) OVER (PARTITION BY g ORDER BY id), avg(a) OVER (ORDER BY id) FROM silver.v",
        "SELECT avg(i) FILTER (WHERE bo), avg(a) FILTER (WHERE i > 0) FROM silver.v",
    ),
    "min": (
        *_over("min", *_ALL, "h38", "p38", "bo", "s", "u", "bin", "dt", "xd", "ts", "xt", "tn"),
        *_over("min", "ai", "sa", "st", "sts"),
        "SELECT min(struct(g, x, s)), min(array(x, d)) AS y FROM silver.v",
        "SELECT min(DISTINCT i), min(i) FILTER (WHERE bo) FROM silver.v",
        "SELECT min(m) FROM silver.v",
        "SELECT min(d) FROM silver.v",
        "SELECT id, min(s) OVER (PARTITION BY g), min(st) OVER (PARTITION BY g) FROM silver.v",
    ),
    "max": (
        *_over("max", *_ALL, "h38", "p38", "bo", "s", "u", "bin", "dt", "xd", "ts", "xt", "tn"),
        *_over("max", "ai", "sa", "st", "sts"),
        "SELECT g, max(struct(ts, s)).s, max(struct(ts, s)) FROM silver.v GROUP BY g",
        "SELECT max(struct(g, x, s)), max(array(x, d)) AS y FROM silver.v",
        "SELECT max(d) FROM silver.v",
        "SELECT max(DISTINCT i), max(i) FILTER (WHERE bo) FROM silver.v",
        "SELECT id, max(s) OVER (PARTITION BY g ORDER BY id), max(st) OVER (PARTITION BY g) FROM silver.v",
    ),
    "bool_and": (
        *_over("bool_and", "bo", "i > 0"),
        *_over("every", "bo"),
        "SELECT id, bool_and(bo) OVER (PARTITION BY g), every(bo) FILTER (WHERE id > 1) OVER () FROM silver.v",
    ),
    "bool_or": (
        *_over("bool_or", "bo", "i > 0"),
        *_over("some", "bo"),
        *_over("any", "bo"),
        "SELECT id, any(bo) OVER (PARTITION BY g ORDER BY id) FROM silver.v",
    ),
    "bit_and": (
        *_over("bit_and", "i", "bi", "si", "ti"),
        "SELECT bit_and(bo) FROM silver.v",
        "SELECT id, bit_and(i) OVER (PARTITION BY g) FROM silver.v",
    ),
    "bit_or": (*_over("bit_or", "i", "bi", "si", "ti"), "SELECT bit_or(DISTINCT g) FROM silver.v"),
    "bit_xor": (
        *_over("bit_xor", "i", "bi", "si", "ti"),
        "SELECT bit_xor(DISTINCT g), bit_xor(g) FROM silver.v",
    ),
    "try_sum": (
        *_over("try_sum", "i", "si", "d", "a", "h"),
        "SELECT try_sum(bi) FROM silver.v",
        "SELECT try_sum(h38) FROM silver.v",
        "SELECT try_sum(DISTINCT g) FILTER (WHERE bo) FROM silver.v",
    ),
    "try_avg": (*_over("try_avg", "i", "bi", "d", "a"), "SELECT try_avg(DISTINCT g) FROM silver.v"),
}
