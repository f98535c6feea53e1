"""The `partitions:` section of a header."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from odibi_dagster.tables.section import ColumnName, Section, Words, problem
from odibi_dagster.tables.spec import Partitions

# Dagster's own rule (dagster 1.13, partitions/utils/base.py), and '': engines read it back as NULL.
_FORBIDDEN = ("...", "\a", "\b", "\f", "\n", "\r", "\t", "\v", "\0")


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise problem(f"`{value}` is not a day.", "Write it as yyyy-mm-dd.") from None


class TimeSection(Section):
    """`daily:` or `monthly:`."""

    start: Annotated[date, BeforeValidator(_day)]
    column: ColumnName


class PartitionsSection(Section):
    """`partitions:`: exactly one of daily, monthly and static."""

    daily: TimeSection | None = None
    monthly: TimeSection | None = None
    static: Words | None = None
    column: ColumnName | None = None

    @model_validator(mode="after")
    def _check(self) -> PartitionsSection:
        given = [kind for kind in ("daily", "monthly", "static") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise problem(
                f"It has {' and '.join(given) or 'none of daily, monthly and static'}.",
                "Give exactly one of daily, monthly and static.",
            )
        if self.static is None and self.column is not None:
            raise problem(
                f"`column` stands beside `{given[0]}`.",
                f"Write {given[0]}: {{start: 2024-01-01, column: {self.column}}}.",
            )
        if self.monthly is not None and self.monthly.start.day != 1:
            raise problem(
                f"Months cannot start on {self.monthly.start}.", "Start on the first day of a month."
            )
        if self.static is not None:
            self._check_keys(self.static)
        return self

    def _check_keys(self, keys: tuple[str, ...]) -> None:
        if self.column is None:
            raise problem(
                "`static` has no `column`.", "Write static: [a, b] and column: c, which holds them."
            )
        if not keys:
            raise problem("`static` is empty.", "List at least one partition key.")
        for key in keys:
            if not key or any(part in key for part in _FORBIDDEN):
                raise problem(
                    f"{key!r} cannot be a partition key.",
                    "Keys are texts without ... and control characters.",
                )
        if len(set(keys)) < len(keys):
            raise problem("`static` names a key twice.", "Keep one of them.")

    def partitions(self) -> Partitions:
        """The partitions that this section means."""
        kind: Literal["daily", "monthly"] = "daily" if self.daily else "monthly"
        if time := self.daily or self.monthly:
            return Partitions(kind, time.column, start=time.start)
        assert self.static is not None and self.column is not None  # _check found exactly one
        return Partitions("static", self.column, keys=self.static)
