"""Moments and regressions."""

from __future__ import annotations

_ONE = ("j", "si", "ti", "a", "d", "f")


def _over(function: str, *columns: str) -> tuple[str, ...]:
    listed = ", ".join(f"{function}({column})" for column in columns)
    return (
        f"SELECT {listed} FROM silver.v",
        f"SELECT {listed} FROM silver.e",
        f"SELECT {listed} FROM silver.v WHERE id = 2",
        f"SELECT g, {listed} FROM silver.v GROUP BY g",
    )


def _spread(function: str) -> tuple[str, ...]:
    return (
        *_over(function, *_ONE),
        f"SELECT {function}(x) FROM silver.v WHERE id IN (1, 6, 7)",
        f"SELECT {function}(x) FROM silver.v WHERE id IN (2, 8)",
        f"SELECT {function}(x) FROM silver.v WHERE id = 1",
        f"SELECT {function}(DISTINCT g), {function}(j) FILTER (WHERE bo) FROM silver.v",
        f"SELECT id, {function}(j) OVER (PARTITION BY g ORDER BY id) FROM silver.v",
        f"SELECT {function}(s) FROM silver.v",
        f"SELECT cid, {function}(amt), {function}(q), {function}(x) FROM silver.o GROUP BY cid",
        f"SELECT {function}(y) FROM (SELECT 0.1D AS y FROM silver.v)",
    )


def _pair(function: str) -> tuple[str, ...]:
    return (
        *_over(function, "id, j", "ti, si", "g, ti"),
        f"SELECT {function}(x, j) FROM silver.v WHERE id IN (1, 6, 7)",
        f"SELECT {function}(j, x) FROM silver.v WHERE id IN (2, 7, 8)",
        f"SELECT {function}(j, x) FROM silver.v WHERE id = 1",
        f"SELECT {function}(g, j) FROM silver.v WHERE g = 1",
        f"SELECT {function}(j, g) FROM silver.v WHERE g = 1",
        f"SELECT {function}(g, g) FROM silver.v WHERE g = 1",
        f"SELECT {function}(g, j) FILTER (WHERE bo) FROM silver.v",
        f"SELECT id, {function}(j, g) OVER () FROM silver.v",
        f"SELECT cid, {function}(amt, q) FROM silver.o GROUP BY cid",
    )


CASES: dict[str, tuple[str, ...]] = {
    "stddev_samp": (
        *_spread("stddev_samp"),
        "SELECT stddev(j), std(a), stddev(DISTINCT g) FROM silver.v",
    ),
    "stddev_pop": _spread("stddev_pop"),
    "var_samp": (*_spread("var_samp"), "SELECT variance(j), variance(a) FROM silver.v"),
    "var_pop": _spread("var_pop"),
    "skewness": _spread("skewness"),
    "kurtosis": _spread("kurtosis"),
    **{
        name: _pair(name)
        for name in (
            "covar_pop", "covar_samp", "corr", "regr_sxy", "regr_slope", "regr_intercept", "regr_r2",
            "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_count",
        )
    },
}  # fmt: skip
