"""Dates and times."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "to_date": (
        "to_date(dt)",
        "to_date(ts)",
        "to_date('2024-01-31')",
        "to_date('2024-1')",
        "to_date('20240131', 'yyyyMMdd')",
    ),
    "date_add": (
        "date_add(dt, 1)",
        "date_add(dt, i % 100)",
    ),
    "date_sub": ("date_sub(dt, 30)",),
    "add_months": (
        "add_months(dt, 1)",
        "add_months(dt, -11)",
        "add_months(dt, 12)",
    ),
    "datediff": (
        "datediff(dt, date '2024-01-01')",
        "datediff(ts, dt)",
        "datediff('2024-01-31', dt)",
    ),
    "year": (
        "year(dt)",
        "year(ts)",
    ),
    "quarter": ("quarter(dt)",),
    "month": ("month(dt)",),
    "day": (
        "day(dt)",
        "dayofmonth(ts)",
    ),
    "dayofyear": ("dayofyear(dt)",),
    "weekofyear": ("weekofyear(dt)",),
    "dayofweek": ("dayofweek(dt)",),
    "weekday": ("weekday(dt)",),
    "hour": ("hour(ts)",),
    "minute": ("minute(ts)",),
    "second": ("second(ts)",),
    "last_day": ("last_day(dt)",),
    "trunc": (
        "trunc(dt, 'MM')",
        "trunc(dt, 'year')",
        "trunc(dt, 'QUARTER')",
        "trunc(dt, 'week')",
    ),
    "date_trunc": (
        "date_trunc('MONTH', ts)",
        "date_trunc('hour', ts)",
        "date_trunc('day', dt)",
        "date_trunc('WEEK', ts)",
        "date_trunc('second', ts)",
    ),
}
