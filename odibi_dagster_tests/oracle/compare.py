"""Tells how two sets of rows differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

_SHOWN = 5


def differences(
    expected: Iterable[Mapping[str, object]],
    actual: Iterable[Mapping[str, object]],
    *,
    ignoring: Sequence[str] = (),
) -> list[str]:
    """Say in lines how the rows differ; no line when they are the same rows, in any order, as often.

    Values are compared as Spark would: 1.5 and 1.50 are one decimal, an instant is the same in any time zone,
    pandas' NA, NaT and NaN stand for NULL, and a date is not an instant, an integer not a decimal. The names
    of the columns must be the same too, except those to ignore.
    """
    wanted, got = ([_row(row, ignoring) for row in rows] for rows in (expected, actual))
    names = [sorted({name for row in rows for name, _ in row}) for rows in (wanted, got)]
    if wanted and got and names[0] != names[1]:
        return [f"columns {names[0]} were expected, and {names[1]} found"]
    missing, extra = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    return [
        *_lines("missing", missing),
        *_lines("not expected", extra),
    ]


def _row(row: Mapping[str, object], ignoring: Sequence[str]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted((name, _value(value)) for name, value in row.items() if name not in ignoring))


def _value(value: object) -> object:
    if (
        value is None or type(value).__name__ == "NAType" or value != value
    ):  # NaN and NaT differ from themselves
        return "NULL"
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime):
        return f"instant {(value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()}"
    if isinstance(value, date):
        return f"date {value.isoformat()}"
    if isinstance(value, Decimal):
        return f"decimal {Fraction(value)}"
    return f"{type(value).__name__} {value}"


def _lines(word: str, rows: Counter[tuple[tuple[str, object], ...]]) -> list[str]:
    lines = [f"{word} ×{count}: {dict(row)}" for row, count in list(rows.items())[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"… and {len(rows) - _SHOWN} more rows are {word}")
    return lines
