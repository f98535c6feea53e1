"""Expressions that nobody wrote: the cases of the catalogue put into one another, by type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot.tokenizer_core import TokenType

from odibi_dagster.sql.dialect import tokenize

from .answer import load
from .case import Case, cases_of, families
from .tables import TABLES

_TYPES = {column.name: str(column.type) for column in TABLES["silver.v"].schema}


@cache
def _scalars() -> tuple[tuple[str, str], ...]:
    """The expressions that Spark answers, with their types; those with a lambda have names of their own."""
    return tuple(
        (case.text, answer.columns[0][1])
        for family in families()
        for case in cases_of(family)
        if not (case.is_query or case.is_windowed or "->" in case.text)
        # It raises on what it does not read, and nobody has written these texts.
        and "from_json(" not in case.text
        and (answer := load(family).get(case.text)) is not None
        and not answer.error
        and len(answer.columns) == 1
        and len(answer.rows or ()) == len(TABLES["silver.v"].cells)
    )


@cache
def _columns(text: str) -> tuple[tuple[int, int, str], ...]:
    """Where an expression names columns: from, to, type."""
    tokens = tokenize(text)
    found = []
    for at, token in enumerate(tokens):
        after = tokens[at + 1].token_type if at + 1 < len(tokens) else None
        before = tokens[at - 1].token_type if at else None
        alone = after not in (TokenType.L_PAREN, TokenType.DOT, TokenType.STRING)
        type = _TYPES.get(token.text) if token.token_type == TokenType.VAR and alone else None
        if type is not None and before not in (TokenType.DOT, TokenType.ALIAS):
            found.append((token.start, token.end + 1, type))
    return tuple(found)


@st.composite
def composed(draw: st.DrawFn) -> Case:
    """A case's expression with another's of the right type in place of one of its columns, once or twice."""
    pool = _scalars()
    text = draw(st.sampled_from(pool))[0]
    for _ in range(draw(st.integers(1, 2))):
        places = _columns(text)
        if not places:
            break
        start, end, type = draw(st.sampled_from(places))
        fitting = _of(type)
        if not fitting:
            break
        text = f"{text[:start]}({draw(st.sampled_from(fitting))}){text[end:]}"
    return Case("composed", text)


def some(count: int) -> list[Case]:
    """So many of them, the same each time as long as the cases are the same."""
    found: dict[str, Case] = {}
    if not count:
        return []

    @settings(
        derandomize=True, max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(composed())
    def collect(case: Case) -> None:
        found[case.text] = case

    collect()
    return list(found.values())


@cache
def _of(type: str) -> Sequence[str]:
    return tuple(text for text, one in _scalars() if one == type)
