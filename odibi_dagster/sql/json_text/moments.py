"""Dates and timestamps in JSON, as from_json reads them without a format."""

from __future__ import annotations

import datetime
import re

from .read import Unread

_TRIMMED = "".join(map(chr, range(33))) + "\x7f"
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?", re.DOTALL | re.ASCII)
# Spark reads digits that are no year as a number of days.
_OTHER_DAY = re.compile(r"[+-]?\d{5,}.*|[+-]\d{4}.*|[+-]?\d{1,3}", re.DOTALL)
_TIME = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?"
    r"(?:(Z)|([+-])(\d{2})(?::(\d{2}))?)?)?)?)?",
    re.ASCII,
)
# Spellings that Spark may read: other zones, other years, a time without a day.
_OTHER_TIME = re.compile(r"[+-]?\d{4,7}-\d.*|[+-]\d{4,7}|[+-]?\d{5,6}|T?\d{1,2}:.*", re.DOTALL)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def read_day(text: str) -> datetime.date | None:
    """The day in `yyyy[-m[-d]]`, whatever stands behind a T or a space; None where there is none.

    Raises:
        Unread: a spelling that Spark reads otherwise (a sign, more digits).
    """
    plain = text.strip(_TRIMMED)
    match = _DAY.fullmatch(plain)
    if match is None:
        if _OTHER_DAY.fullmatch(plain):
            raise _unread(text, "date", "yyyy-mm-dd")
        return None
    return _date(text, match)


def read_moment(text: str) -> datetime.datetime | None:
    """The instant in `yyyy[-m[-d[ h:m[:s[.f]][Z|+hh[:mm]]]]]`, in UTC; None where there is none.

    Raises:
        Unread: a spelling that Spark may read (another zone, a sign, a time alone).
    """
    plain = text.strip(_TRIMMED)
    match = _TIME.fullmatch(plain)
    if match is None:
        if _OTHER_TIME.fullmatch(plain):
            raise _unread(text, "timestamp", "yyyy-mm-ddThh:mm:ssZ")
        return None
    day = _date(text, match)
    hour, minute, second = (int(match[at] or 0) for at in (4, 5, 6))
    hours, minutes = int(match[10] or 0), int(match[11] or 0)
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    if hours > 17 or minutes > 59:
        raise _unread(text, "timestamp", "yyyy-mm-ddThh:mm:ssZ")
    micros = int((match[7] or "0")[:6].ljust(6, "0"))
    there = datetime.datetime(day.year, day.month, day.day, hour, minute, second, micros, datetime.UTC)
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    try:
        return there + offset if match[9] == "-" else there - offset
    except OverflowError:
        raise _unread(text, "timestamp", "yyyy-mm-ddThh:mm:ssZ") from None


def from_seconds(seconds: int) -> datetime.datetime:
    """The instant so many seconds after 1970.

    Raises:
        Unread: it is outside of the years 1 to 9999.
    """
    try:
        return _EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        raise _unread(str(seconds), "timestamp", "yyyy-mm-ddThh:mm:ssZ") from None


def _date(text: str, match: re.Match[str]) -> datetime.date | None:
    if match[1] == "0000":
        raise _unread(text, "date", "a year from 0001 on")
    try:
        return datetime.date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def _unread(text: str, what: str, form: str) -> Unread:
    return Unread(f"the JSON holds the {what} {text!r} in a form that is not read here: write it as {form}")
