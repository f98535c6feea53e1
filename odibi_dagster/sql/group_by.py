"""GROUP BY: keys, and the sets of keys that ROLLUP, CUBE and GROUPING SETS stand for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from sqlglot import exp

from .env import Env
from .expression import Expressions
from .relation import Compiling, normal
from .scope import Scope
from .typed import Typed
from .types import Array, Map, Struct

#: Spark stops at as many, too (`spark.sql.…` has no setting for it; DuckDB's own bound is higher).
MOST_SETS = 4096


@dataclass(frozen=True)
class Keys:
    """The keys of a GROUP BY.

    Args:
        written: DuckDB text of each key before grouping, and how it is written in GROUP BY and afterwards.
        sets: the grouping sets, each with the texts of its keys; None for plain keys.
    """

    written: dict[str, str] = field(default_factory=dict)
    sets: tuple[tuple[str, ...], ...] | None = None

    @property
    def sometimes_null(self) -> frozenset[str]:
        """The keys that are left out of some set, and NULL there."""
        return frozenset(key for key in self.written if any(key not in one for one in self.sets or ()))

    @property
    def has_total(self) -> bool:
        """Whether a set has no key: without any row Spark then gives no row, and DuckDB one."""
        return self.sets is not None and any(not one for one in self.sets)

    def clause(self) -> str:
        """What stands behind GROUP BY."""
        if self.sets is None:
            return ", ".join(self.written.values()) or "()"
        shown = (f"({', '.join(self.written[key] for key in one)})" for one in self.sets)
        return f"GROUPING SETS ({', '.join(shown)})"


Sets = list[tuple[str, ...]]


class GroupBy(Compiling):
    """Compiles GROUP BY."""

    @abstractmethod
    def _items(
        self, node: exp.Select, expressions: Expressions, env: Env
    ) -> list[tuple[exp.Expr, Typed, str]]:
        """The select list with stars expanded: node, compiled expression, name."""

    def _keys(self, node: exp.Select, group: exp.Expr, expressions: Expressions, scope: Scope) -> Keys:
        env = Env(scope, clause="GROUP BY", windows=False)
        if group.args.get("all"):
            items = self._items(node, expressions, Env(scope))
            plain = [(at, typed) for at, typed, _ in items if not typed.aggregate and not typed.window]
            return Keys({typed.sql: self._key(at, typed) for at, typed in plain if not typed.is_literal})
        written: dict[str, str] = {}

        def key(item: exp.Expr) -> str:
            typed = expressions.compile(self._meant(node, item, scope), env)
            if typed.is_literal:
                raise self.problems.error(
                    item, f"GROUP BY of the literal {typed.name}.", remedy="Leave it out."
                )
            written[typed.sql] = self._key(item, typed)
            return typed.sql

        def keys(items: Iterable[exp.Expr]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(key(item) for item in items))

        def sets(item: exp.Expr) -> Sets:
            """The sets that one element of GROUP BY stands for."""
            if isinstance(item, exp.Rollup | exp.Cube):
                return _sets_of(item, [keys(_members(part)) for part in item.expressions])
            if isinstance(item, exp.GroupingSets):
                return [one for part in item.expressions for one in sets(part)]
            return [keys(_members(item))]

        found = [sets(item) for item in group.expressions]
        trailing = [one for name in ("rollup", "cube", "grouping_sets") for one in group.args.get(name) or []]
        if not trailing and not any(map(_is_analytic, group.expressions)):
            if any(isinstance(item, exp.Tuple) for item in group.expressions):
                raise self.problems.error(
                    group, "GROUP BY takes no row in brackets.", remedy="Leave them out."
                )
            return Keys(written)
        if len(trailing) > 1 or (trailing and any(map(_is_analytic, group.expressions))):
            raise self.problems.error(group, "GROUP BY has several kinds of grouping.", remedy="Keep one.")
        for one in trailing:
            # GROUP BY a, b WITH ROLLUP; GROUP BY a, b GROUPING SETS (…): the keys are listed in front.
            listed = list(written)
            found = [_sets_of(one, [(key,) for key in listed]) if not one.expressions else sets(one)]
            if set(written) != set(listed):
                raise self.problems.error(group, "GROUPING SETS name a key that GROUP BY does not list.")
        every = [tuple(dict.fromkeys(key for part in parts for key in part)) for parts in product(*found)]
        if not written:
            raise self.problems.error(group, "GROUP BY has no key.", remedy="Leave it out.")
        if len(every) > MOST_SETS:
            raise self.problems.error(group, f"GROUP BY stands for {len(every)} grouping sets.")
        return Keys(written, tuple(every))

    def _meant(self, node: exp.Select, item: exp.Expr, scope: Scope) -> exp.Expr:
        """A position or an alias of the select list as the expression it names."""
        if isinstance(item, exp.Literal) and not item.is_string and str(item.this).isdigit():
            return self._item_at(node, item, int(item.this))
        if isinstance(item, exp.Column) and not item.table and not scope.has(item.name):
            return _by_alias(node, item.name) or item
        return item

    def _key(self, at: exp.Expr, typed: Typed) -> str:
        if isinstance(typed.type, Array | Map | Struct):
            raise self.problems.error(
                at, f"{typed.name} is {typed.type}: it cannot be grouped.", remedy="Use its parts."
            )
        return normal(typed)

    def _item_at(self, node: exp.Select, item: exp.Expr, position: int) -> exp.Expr:
        if not 1 <= position <= len(node.expressions) or any(n.is_star for n in node.expressions[:position]):
            raise self.problems.error(item, f"There is no column {position} in the SELECT list.")
        found: exp.Expr = node.expressions[position - 1]
        inner: exp.Expr = found.this if isinstance(found, exp.Alias) else found
        return inner


def _is_analytic(item: exp.Expr) -> bool:
    return isinstance(item, exp.Rollup | exp.Cube | exp.GroupingSets)


def _members(item: exp.Expr) -> list[exp.Expr]:
    """`(a, b)` is two keys, `(a)` and `a` are one, `()` is none."""
    if isinstance(item, exp.Tuple):
        return list(item.expressions)
    return [item.this if isinstance(item, exp.Paren) else item]


def _sets_of(kind: exp.Expr, parts: Sequence[tuple[str, ...]]) -> Sets:
    """ROLLUP: all parts, all but the last, …, none. CUBE: every selection of parts."""

    def flat(chosen: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(key for part in chosen for key in part)

    if isinstance(kind, exp.Rollup):
        return [flat(parts[:count]) for count in range(len(parts), -1, -1)]
    return [flat(some) for count in range(len(parts), -1, -1) for some in combinations(parts, count)]


def _by_alias(node: exp.Select, name: str) -> exp.Expr | None:
    found = [
        item.this
        for item in node.expressions
        if isinstance(item, exp.Alias) and item.alias.lower() == name.lower()
    ]
    return found[0] if len(found) == 1 else None
