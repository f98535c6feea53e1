"""What the sections of a header share: the pydantic base, the words, and how a problem is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from odibi_dagster.lake.column_name import column_problem, same_column
from odibi_dagster.tables.nearest import did_you_mean

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Section(BaseModel):
    """A mapping in a header; keys that it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def problem(what: str, remedy: str = "") -> PydanticCustomError:
    """The error a validator raises: what is wrong, and what to do."""
    return PydanticCustomError("odibi", "{what}", {"what": what, "remedy": remedy})


def choice(known: Sequence[str], later: Sequence[str] = ()) -> BeforeValidator:
    """A validator for one word of a list; words that come with a later version are named as such."""

    def check(value: object) -> object:
        if value in known:
            return value
        if value in later:
            raise problem(f"`{value}` is not available yet.", f"Available: {', '.join(known)}.")
        raise problem(f"`{value}` is not one of {', '.join(known)}.", did_you_mean(str(value), known))

    return BeforeValidator(check)


def _column(name: str) -> str:
    if what := column_problem(name):
        raise problem(what, "Rename the column: letters, digits and _ are safe everywhere.")
    return name


def one_or_many(value: object) -> object:
    """A validator: one text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise problem("The list of columns is empty.", "Name at least one column.")
    if pair := same_column(names):
        raise problem(_twice(pair), "Keep one of them.")
    return names


def distinct_keys(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """A validator: the mapping's keys are different columns."""
    if pair := same_column(columns):
        raise problem(_twice(pair), "Keep one of them.")
    return columns


def _twice(pair: tuple[str, str]) -> str:
    if pair[0] == pair[1]:
        return f"The column `{pair[0]}` is named twice."
    return f"The columns `{pair[0]}` and `{pair[1]}` differ only by letter case."


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise problem(f"`{value}` is not a duration.", "Write it like 36h, 15m, 90s, 2d or 1h30m.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if days > 36_500:
        raise problem(f"`{value}` is longer than a century.", "Write a shorter duration.")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _seconds(value: object) -> object:
    duration = _duration(value) if isinstance(value, str) and value[-1:].isalpha() else value
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


ColumnName: TypeAlias = Annotated[str, AfterValidator(_column)]
Columns: TypeAlias = Annotated[
    tuple[ColumnName, ...], BeforeValidator(one_or_many), AfterValidator(_distinct)
]
Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Duration: TypeAlias = Annotated[timedelta, BeforeValidator(_duration)]
Seconds: TypeAlias = Annotated[float, BeforeValidator(_seconds)]
