"""Dates."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "date_sub": (
        "date_sub(dt, 30)",
        "date_sub(dt,ti)",
        "date_sub(ts,j)",
    ),
    "add_months": (
        "add_months(dt, 1)",
        "add_months(dt, -11)",
        "add_months(dt, 12)",
        "add_months(dt,ti)",
        "add_months(dt,1)",
        "add_months(ts,-1)",
    ),
    "months_between": (
        "months_between(dt,xd)",
        "months_between(ts,xt)",
        "months_between(ts,xt,false)",
        "months_between(tn,dt)",
    ),
    "year": (
        "year(dt)",
        "year(ts)",
    ),
    "quarter": (
        "quarter(dt)",
        "quarter(ts)",
    ),
    "month": (
        "month(dt)",
        "month(tn)",
    ),
    "day": (
        "day(dt)",
        "dayofmonth(ts)",
    ),
    "dayofyear": ("dayofyear(dt)",),
    "weekofyear": (
        "weekofyear(dt)",
        "weekofyear(ts)",
    ),
    "dayofweek": ("dayofweek(dt)",),
    "weekday": ("weekday(dt)",),
    "dayname": (
        "dayname(dt)",
        "dayname(ts)",
    ),
    "monthname": ("monthname(dt)",),
    "last_day": (
        "last_day(dt)",
        "last_day(ts)",
    ),
    "next_day": (
        "next_day(dt,'MO')",
        "next_day(dt,'sunday')",
        "next_day(ts,'Fri')",
    ),
    "trunc": (
        "trunc(dt, 'MM')",
        "trunc(dt, 'year')",
        "trunc(dt, 'QUARTER')",
        "trunc(dt, 'week')",
        "trunc(dt,'week')",
        "trunc(ts,'quarter')",
        "trunc(dt,'YY')",
    ),
    "make_date": (
        "make_date(2024,2,29)",
        "make_date(i,j,ti)",
        "make_date(2024,1,ti)",
        "make_date(si,1,1)",
    ),
    "unix_date": ("unix_date(dt)",),
    "date_from_unix_date": (
        "date_from_unix_date(j)",
        "date_from_unix_date(si)",
    ),
}
