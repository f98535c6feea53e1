"""Literals: what Spark reads in them, written for DuckDB."""

from __future__ import annotations

import datetime
import re

from .refusal import Refusal

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_TIMESTAMP = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})?)?"
)


def read_date(text: str) -> datetime.date:
    """The day a text names: `yyyy`, `yyyy-m`, `yyyy-m-d`, as Spark reads a DATE literal.

    Raises:
        Refusal: anything else, or a day that is not in the calendar.
    """
    match = _DATE.fullmatch(text.strip(" "))
    try:
        if match is None:
            raise ValueError
        return datetime.date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise Refusal(f"'{text}' is not a date.", "Write it as '2024-01-31'.") from None


def read_timestamp(text: str) -> datetime.datetime:
    """The instant a text names: `yyyy-m-d[ h:m[:s[.ffffff]][Z|+hh:mm]]`, UTC unless it says otherwise.

    Raises:
        Refusal: anything else, or a time that does not exist.
    """
    match = _TIMESTAMP.fullmatch(text.strip(" "))
    if match is None:
        raise Refusal(f"'{text}' is not a timestamp.", "Write it as '2024-01-31 12:30:00'.")
    day = read_date(match[1])
    hour, minute, second = (int(match[at] or 0) for at in (2, 3, 4))
    try:
        naive = datetime.datetime(
            day.year, day.month, day.day, hour, minute, second, int((match[5] or "0").ljust(6, "0"))
        )
        zone = datetime.UTC
        if match[6] and match[6] != "Z":
            offset = datetime.timedelta(hours=int(match[6][1:3]), minutes=int(match[6][4:6]))
            zone = datetime.timezone(offset if match[6][0] == "+" else -offset)
        return naive.replace(tzinfo=zone).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise Refusal(f"'{text}' is not a timestamp.", "Write it as '2024-01-31 12:30:00'.") from None


def date_literal(text: str) -> str:
    """DuckDB's literal for a day that `read_date` understands."""
    return f"CAST('{read_date(text).isoformat()}' AS DATE)"


def timestamp_literal(text: str) -> str:
    """DuckDB's literal for an instant that `read_timestamp` understands."""
    utc = read_timestamp(text).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return f"CAST('{utc}+00' AS TIMESTAMP WITH TIME ZONE)"
