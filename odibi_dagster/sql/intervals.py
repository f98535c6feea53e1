"""INTERVAL literals: of one unit, with a whole number."""

from __future__ import annotations

import re

from sqlglot import exp

from . import coerce
from .refusal import Refusal
from .typed import Typed, combine
from .types import DATE, TIMESTAMP, TIMESTAMP_NTZ

UNITS = ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")


def interval(node: exp.Interval) -> tuple[int, str]:
    """The number and the unit (singular) of an INTERVAL literal.

    Raises:
        Refusal: several units, a number that is not whole, another unit.
    """
    unit = node.args.get("unit")
    word = unit.name.upper().removesuffix("S") if isinstance(unit, exp.Var) else ""
    count = node.this.name if isinstance(node.this, exp.Literal) else ""
    if word not in UNITS or not re.fullmatch(r"[0-9]{1,6}", count):
        raise Refusal("This INTERVAL is not in the SQL catalogue.", "Write INTERVAL 3 DAY, with one unit.")
    return int(count), word


def shown(count: int, unit: str) -> str:
    """An INTERVAL as Spark writes it in a column's name."""
    digits = f"{count:02d}" if unit in ("HOUR", "MINUTE", "SECOND") else f"{count}"
    return f"INTERVAL '{digits}' {unit}"


def shift(value: Typed, node: exp.Interval, sign: str) -> Typed:
    """A date or a timestamp, and an interval added (`+`) or taken away (`-`).

    Days, weeks, months and years leave a date a date; a month's last day is the last of a shorter one.

    Raises:
        Refusal: the value is neither; `interval` refuses.
    """
    count, unit = interval(node)
    if unit == "WEEK":
        count, unit = 7 * count, "DAY"
    name = f"{value.name} {sign} {shown(count, unit)}"
    if value.type == DATE and unit == "DAY":
        days = f"extractansiintervaldays({shown(count, unit)})"
        name = f"date_add({value.name}, {days if sign == '+' else f'(- {days})'})"
        return combine(f"({value.sql} {sign} {count})", DATE, name, value)
    if value.type == DATE and unit in ("MONTH", "YEAR"):
        return combine(f"CAST(({value.sql} {sign} INTERVAL {count} {unit}) AS DATE)", DATE, name, value)
    if value.type == DATE:
        moment = coerce.to(value, TIMESTAMP)
        return combine(f"({moment} {sign} INTERVAL {count} {unit})", TIMESTAMP, name, value)
    if value.type in (TIMESTAMP, TIMESTAMP_NTZ):
        return combine(f"({value.sql} {sign} INTERVAL {count} {unit})", value.type, name, value)
    raise Refusal(f"{value.name} is {value.type}: an INTERVAL is added to a date or a timestamp.")
