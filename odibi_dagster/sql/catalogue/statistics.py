"""Moments and regressions, over groups and over windows."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, DOUBLE, FLOAT, VOID

from .aggregates import average, distinct, finish, known
from .entry import Call, Entry

# Beyond, squares of doubles are no doubles: results would depend on the way they are computed.
_MOST = "1e150"

STATISTICS_MACROS: tuple[str, ...] = (
    f"""CREATE OR REPLACE TEMP MACRO spark_measurable(x) AS
         CASE WHEN NOT isfinite(x) THEN 2 WHEN abs(x) > {_MOST} THEN 1 ELSE 0 END""",
    """CREATE OR REPLACE TEMP MACRO spark_moment(worst, value) AS
         CASE WHEN worst = 2 THEN CAST('NaN' AS DOUBLE)
              WHEN worst = 1 THEN error('Numbers beyond 1e150 have no moments here: scale them.')
              ELSE value END""",
    """CREATE OR REPLACE TEMP MACRO spark_power_sum(l, mean, power) AS
         list_sum(list_transform(l, lambda spark_x: (spark_x - mean) ** power))""",
    """CREATE OR REPLACE TEMP MACRO spark_skewness(l) AS
         CASE WHEN l IS NULL THEN NULL ELSE spark_moment(
           list_max(list_transform(l, lambda spark_x: spark_measurable(spark_x))),
           CASE WHEN list_min(l) = list_max(l) THEN NULL
                ELSE sqrt(len(l)) * spark_power_sum(l, list_avg(l), 3)
                     / sqrt(spark_power_sum(l, list_avg(l), 2) ** 3) END) END""",
    """CREATE OR REPLACE TEMP MACRO spark_kurtosis(l) AS
         CASE WHEN l IS NULL THEN NULL ELSE spark_moment(
           list_max(list_transform(l, lambda spark_x: spark_measurable(spark_x))),
           CASE WHEN list_min(l) = list_max(l) THEN NULL
                ELSE len(l) * spark_power_sum(l, list_avg(l), 4)
                     / spark_power_sum(l, list_avg(l), 2) ** 2 - 3.0 END) END""",
)


def _double(call: Call, value: Typed) -> str:
    if not coerce.is_numeric(value.type) and value.type != VOID:
        raise call.refuse("CAST it to a number.")
    return f"({coerce.to(value, DOUBLE)})"


def _worst(call: Call, *values: Typed) -> str:
    """2 where a value is no number, 1 where one is too large, else 0; integers and decimals never are."""
    checks = [f"spark_measurable({value.sql})" for value in values if value.type in (DOUBLE, FLOAT)]
    if not checks:
        return "0"
    one = checks[0] if len(checks) == 1 else f"greatest({', '.join(checks)})"
    if len(values) > 1:
        one = f"CASE WHEN {' AND '.join(f'{value.sql} IS NOT NULL' for value in values)} THEN {one} END"
    return call.aggregate(f"MAX({one})")


def spread(call: Call) -> Typed:
    """Standard deviations and variances: those of a sample are NULL for fewer than two values."""
    value = call.args[0]
    operand = distinct(call, _double(call, value) + (" + 0.0" if call.distinct else ""))
    words = {"stddev": "stddev_samp", "std": "stddev_samp", "variance": "var_samp"}
    plain = call.aggregate(f"{words.get(call.name, call.name)}({operand})")
    sql = f"CASE WHEN {plain} IS NULL THEN NULL ELSE spark_moment({_worst(call, value)}, {plain}) END"
    return finish(call, f"({sql})", DOUBLE)


def shape(call: Call) -> Typed:
    """skewness and kurtosis (of the population, kurtosis of a normal distribution is 0)."""
    value = call.args[0]
    gathered = replace(call, where=known(value, call.where))
    operand = distinct(call, _double(call, value) + (" + 0.0" if call.distinct else ""))
    return finish(call, f"spark_{call.name}({gathered.aggregate(f'LIST({operand})')})", DOUBLE)


def regression(call: Call) -> Typed:
    """covar_*, corr and regr_*(y, x): over the rows where both are known."""
    left, right = call.args
    y, x = _double(call, left), _double(call, right)
    worst = _worst(call, left, right)

    def of(function: str) -> str:
        return call.aggregate(f"{function}({y}, {x})")

    both = f"{left.sql} IS NOT NULL AND {right.sql} IS NOT NULL"
    # DuckDB calls the spread of a single NaN 0.
    one, other = (_worst(call, v.with_sql(f"(CASE WHEN {both} THEN {v.sql} END)")) for v in (right, left))
    sxx, syy = f"spark_moment({one}, {of('regr_sxx')})", f"spark_moment({other}, {of('regr_syy')})"
    sxy = of("regr_sxy")
    if call.name == "corr":
        sql = f"CASE WHEN {of('regr_count')} < 2 THEN NULL ELSE spark_moment({worst}, " \
              f"{sxy} / sqrt({sxx} * {syy})) END"  # fmt: skip
    elif call.name == "regr_slope":
        sql = f"CASE WHEN {sxx} = 0 THEN NULL ELSE spark_moment({worst}, {sxy} / {sxx}) END"
    elif call.name == "regr_intercept":
        line = f"{of('regr_avgy')} - {sxy} / {sxx} * {of('regr_avgx')}"
        sql = f"CASE WHEN {sxx} = 0 THEN NULL ELSE spark_moment({worst}, {line}) END"
    elif call.name == "regr_r2":
        sql = f"CASE WHEN {sxx} = 0 THEN NULL WHEN {syy} = 0 THEN 1.0 " \
              f"ELSE spark_moment({worst}, {sxy} ** 2 / {sxx} / {syy}) END"  # fmt: skip
    else:
        plain = of(call.name)
        sql = f"CASE WHEN {plain} IS NULL THEN NULL ELSE spark_moment({worst}, {plain}) END"
    return finish(call, f"CAST(({sql}) AS DOUBLE)", DOUBLE)


def side(call: Call) -> Typed:
    """regr_avgx, regr_avgy, regr_sxx, regr_syy: of one side, over the rows where both are known."""
    y, x = call.args
    one, other = (x, y) if call.name.endswith("x") else (y, x)
    value = one.with_sql(f"(CASE WHEN {other.sql} IS NOT NULL THEN {one.sql} END)")
    _double(call, other)
    if call.name.startswith("regr_avg"):
        result = average(replace(call, name="avg", args=[value]))
        return finish(call, result.sql, result.type)
    count = call.aggregate(f"COUNT({value.sql})")
    variance = spread(replace(call, name="var_pop", args=[value]))
    return finish(call, f"({variance.sql} * {count})", DOUBLE)


def pairs(call: Call) -> Typed:
    """regr_count: the rows where both are known."""
    for value in call.args:
        _double(call, value)
    both = " AND ".join(f"{value.sql} IS NOT NULL" for value in call.args)
    return finish(call, call.aggregate(f"COUNT(CASE WHEN {both} THEN 1 END)"), BIGINT, nullable=False)


_LIMITS = (
    "finite doubles beyond 1e150 raise; the last digits depend on the order of the rows, as in Spark: "
    "all of them where a moment is tiny beside the values"
)


def _spread(name: str, *aliases: str) -> Entry:
    return Entry(
        name, "number", "double", spread, kind="aggregate", aliases=aliases, distinct=True, limits=_LIMITS,
        rule="CentralMomentAgg",
    )  # fmt: skip


def _pair(name: str) -> Entry:
    return Entry(
        name, "number, number", "double", regression, (2, 2), kind="aggregate", limits=_LIMITS,
        rule="Covariance, PearsonCorrelation, linearRegression",
    )  # fmt: skip


TITLE = "Statistics"
ENTRIES = (
    _spread("stddev_samp", "stddev", "std"),
    _spread("stddev_pop"),
    _spread("var_samp", "variance"),
    _spread("var_pop"),
    *(
        Entry(name, "number", "double", shape, kind="aggregate", distinct=True, limits=_LIMITS,
              rule="CentralMomentAgg")
        for name in ("skewness", "kurtosis")
    ),
    *map(_pair, ("covar_pop", "covar_samp", "corr", "regr_sxy", "regr_slope", "regr_intercept", "regr_r2")),
    *(
        Entry(name, "number, number", "double; decimal" if "avg" in name else "double", side, (2, 2),
              kind="aggregate", limits=_LIMITS, rule="linearRegression")
        for name in ("regr_avgx", "regr_avgy", "regr_sxx", "regr_syy")
    ),
    Entry("regr_count", "number, number", "bigint, never NULL", pairs, (2, 2), kind="aggregate"),
)  # fmt: skip
