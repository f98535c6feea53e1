"""A case: one expression over `silver.v`, or a whole query."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass

_QUERY = re.compile(r"\s*(?:\(\s*)*(?:SELECT|WITH|FROM|VALUES)\b", re.IGNORECASE)
_ORDERED = re.compile(r"\bORDER\s+BY\b(?![^()]*\))(?!.*\bUNION\b|.*\bFROM\b)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One thing both engines are asked.

    Args:
        entry: the catalogue entry it is about, or a word for a query.
        text: an expression over the columns of `silver.v`, or a query.
    """

    entry: str
    text: str

    @property
    def is_query(self) -> bool:
        return _QUERY.match(self.text) is not None

    @property
    def is_windowed(self) -> bool:
        return not self.is_query and re.search(r"\bOVER\b", self.text, re.IGNORECASE) is not None

    @property
    def sql(self) -> str:
        if self.is_query:
            return self.text
        # A window may give the rows in another order.
        return f"SELECT {'id, ' if self.is_windowed else ''}{self.text} FROM silver.v"

    @property
    def ordered(self) -> bool:
        """Whether its rows have an order: an expression's rows have the table's."""
        return not self.is_windowed and (not self.is_query or _ORDERED.search(self.text) is not None)


def families() -> tuple[str, ...]:
    """The names of the modules under `cases`."""
    from . import cases

    return tuple(sorted(module.name for module in pkgutil.iter_modules(cases.__path__)))


def cases_of(family: str) -> tuple[Case, ...]:
    """The cases of a family, in the order they are written.

    Raises:
        ValueError: one text stands there twice.
    """
    module = importlib.import_module(f"{__package__}.cases.{family}")
    found = tuple(Case(entry, text) for entry, texts in module.CASES.items() for text in texts)
    twice = {case.text for case in found if sum(other.text == case.text for other in found) > 1}
    if twice:
        raise ValueError(f"cases/{family}.py has twice: {'; '.join(sorted(twice))}")
    return found
