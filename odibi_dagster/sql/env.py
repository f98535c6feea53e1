"""What an expression may see where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from .scope import Scope
from .typed import Typed


@dataclass(frozen=True)
class Env:
    """What an expression may see.

    Args:
        scope: the columns of FROM.
        aliases: select items by lower-case alias, for lateral use, HAVING and ORDER BY.
        keys: DuckDB text of the grouping keys and how each is written after grouping.
        sometimes_null: those of them that some grouping set leaves out.
        grouping: the grouping keys as written, in order, where there are grouping sets; else None.
        aliases_first: whether an alias wins over a column (ORDER BY).
        aliases_unless_key: whether an alias wins over a column that is no grouping key (HAVING).
        clause: the clause's name where aggregates (and windows) are not allowed, else ''.
        windows: whether window functions are allowed.
        variables: the lambdas' variables in sight, by lower-case name; they hide columns.
    """

    scope: Scope
    aliases: Mapping[str, tuple[Typed, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    sometimes_null: frozenset[str] = frozenset()
    grouping: tuple[str, ...] | None = None
    aliases_first: bool = False
    aliases_unless_key: bool = False
    clause: str = ""
    windows: bool = True
    variables: Mapping[str, Typed] = field(default_factory=dict)


# Compiles a nested query: (query, scope around it) -> DuckDB text and typed columns.
Nested = Callable[[exp.Expr, Scope], tuple[str, list[Typed]]]
