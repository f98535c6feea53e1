"""Where a query reads its inputs, and what a row there must meet to matter: through CTEs and subqueries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

#: Stands where a condition speaks of what cannot be said of the rows below.
_UNKNOWN = exp.Var(this="unknown")
#: Joins by what their ON condition leaves out: of the sides before, of the side that is joined.
_LEFT_OUT_BEFORE = frozenset({"", "INNER", "SEMI", "RIGHT"})
_LEFT_OUT_JOINED = frozenset({"", "INNER", "SEMI", "ANTI", "LEFT"})
_JOINS = _LEFT_OUT_BEFORE | _LEFT_OUT_JOINED | {"CROSS", "FULL"}
#: What makes a SELECT's rows depend on rows that a condition on its result leaves out.
_BOUNDED = ("limit", "offset", "sample", "windows", "laterals", "pivots", "match", "connect")
_NOT_KEYS = ("rollup", "cube", "grouping_sets", "all", "totals")


@dataclass(frozen=True)
class Place:
    """One place in FROM that names an input.

    Args:
        name: the input.
        alias: what its columns are called by there.
        conjuncts: a row for which one of them, taken as a condition on this alias, is not true does not
            matter. Those that speak of other things too are to be weakened by the reader, never dropped from
            an OR.
    """

    name: str
    alias: str
    conjuncts: tuple[exp.Expr, ...]


def places(tree: exp.Expr, inputs: Iterable[str]) -> list[Place]:
    """Every place that names one of the inputs. What is not understood has no conjuncts.

    A condition on the result of a SELECT holds for the rows below it where it speaks of columns that come
    through as they are: of GROUP BY's keys, of the PARTITION BY of every window; never through a LIMIT. A CTE
    that is read at several places is needed by each of them.

    Args:
        tree: a compiled query: every alias is used once, no star, no name of a CTE that is an input's.
        inputs: their names.
    """
    names = frozenset(inputs)
    ctes = [cte.alias for cte in tree.find_all(exp.CTE)]
    known = len(set(ctes)) == len(ctes) and not names & set(ctes)
    recursive = any(found.args.get("recursive") for found in tree.find_all(exp.With))
    walk = _Walk(names, frozenset(ctes) if known and not recursive else frozenset())
    if known:
        walk.query(tree, [])
    seen = {id(table) for table in walk.seen}
    rest = (table for table in tree.find_all(exp.Table) if table.name in names and id(table) not in seen)
    return [*walk.found, *(Place(table.name, table.alias_or_name, ()) for table in rest)]


class _Walk:
    """From the result down to the inputs. Conjuncts on a query's result name its columns without a table."""

    def __init__(self, inputs: frozenset[str], ctes: frozenset[str]) -> None:
        self.inputs, self.ctes = inputs, ctes
        self.found: list[Place] = []
        self.seen: list[exp.Table] = []
        self._uses: dict[str, list[Sequence[exp.Expr]]] = {}

    def query(self, node: exp.Expr, outer: Sequence[exp.Expr]) -> None:
        """A query whose result matters only where `outer` is true."""
        with_ = node.args.get("with_")
        if isinstance(node, exp.Subquery):
            self.query(node.this, [] if _bounded(node) else outer)
        elif isinstance(node, exp.SetOperation):
            self._set(node, [] if _bounded(node) or node.args.get("by_name") else outer)
        elif isinstance(node, exp.Select):
            self._select(node, outer)
        # A CTE comes after whoever may read it: those that follow it, too.
        for cte in reversed(with_.expressions if with_ is not None else []):
            uses = self._uses.pop(cte.alias, [])
            named = not cte.args["alias"].args.get("columns")
            self.query(cte.this, _any_of(uses) if named and cte.alias in self.ctes else [])

    def _set(self, node: exp.SetOperation, outer: Sequence[exp.Expr]) -> None:
        left, right = (_names(side) for side in (node.left, node.right))
        self.query(node.left, outer)
        if left is None or right is None or len(left) != len(right):
            self.query(node.right, [])
            return
        columns = {name: exp.column(other) for name, other in zip(left, right, strict=True)}
        self.query(node.right, [_through(each, columns) for each in outer])

    def _select(self, node: exp.Select, outer: Sequence[exp.Expr]) -> None:
        columns = {} if any(node.args.get(arg) for arg in _BOUNDED) else _plain(node)
        common = [_through(each, columns) for each in outer]
        where, having = node.args.get("where"), node.args.get("having")
        common += conjuncts(where.this) if where is not None else []
        common += conjuncts(having.this) if having is not None else []  # its bare columns are keys
        for source, told in _sources(node, common):
            self._source(source, told)
        # Subqueries in expressions: nothing outside says which of their rows matter.
        for query in _within(node):
            self.query(query, [])

    def _source(self, node: exp.Expr, told: Sequence[exp.Expr]) -> None:
        if any(node.args.get(arg) for arg in ("joins", "sample", "pivots", "laterals")):
            return
        alias = node.alias_or_name
        if isinstance(node, exp.Table) and node.name in self.inputs:
            self.seen.append(node)
            self.found.append(Place(node.name, alias, tuple(told)))
        elif isinstance(node, exp.Table) and node.name in self.ctes:
            self._uses.setdefault(node.name, []).append(_below(told, alias))
        elif isinstance(node, exp.Subquery):
            table = node.args.get("alias")
            renamed = table is not None and table.args.get("columns")
            self.query(node, [] if renamed else _below(told, alias))


def conjuncts(node: exp.Expr) -> list[exp.Expr]:
    """The parts of a condition that must all be true."""
    if isinstance(node, exp.Paren):
        return conjuncts(node.this)
    if isinstance(node, exp.And):
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]


def _sources(node: exp.Select, common: Sequence[exp.Expr]) -> list[tuple[exp.Expr, list[exp.Expr]]]:
    """What a SELECT reads, each with the conditions that only its matching rows meet."""
    from_ = node.args.get("from_")
    if from_ is None:
        return []
    joins = [(join, _kind(join)) for join in node.args.get("joins") or []]
    if any(kind not in _JOINS for _, kind in joins):
        return [(from_.this, []), *((join.this, []) for join, _ in joins)]
    sources = [(from_.this, list(common))]
    for join, kind in joins:
        on = join.args.get("on")
        own = conjuncts(on) if on is not None else []
        if kind in _LEFT_OUT_BEFORE:
            for _, told in sources:
                told.extend(own)
        # Rows of the joined side that cannot match matter only where they come through without a match.
        sources.append((join.this, [*common, *(own if kind in _LEFT_OUT_JOINED else [])]))
    return sources


def _kind(join: exp.Join) -> str:
    if join.args.get("method") or join.args.get("using"):
        return "?"
    return (str(join.args.get("side") or "") or str(join.args.get("kind") or "")).upper()


def _bounded(node: exp.Expr) -> bool:
    return any(node.args.get(arg) for arg in _BOUNDED)


def _names(node: exp.Expr) -> list[str] | None:
    """The names of a query's columns, in order; None if one of them cannot be told."""
    while isinstance(node, (exp.Subquery, exp.SetOperation)):
        node = node.this
    names = [each.alias_or_name for each in node.expressions] if isinstance(node, exp.Select) else []
    return names if names and all(names) and len(set(names)) == len(names) else None


def _plain(node: exp.Select) -> Mapping[str, exp.Expr]:
    """The columns of a SELECT's result that are columns of what it reads, and may be held against that."""
    distinct = node.args.get("distinct")
    if _names(node) is None or (distinct is not None and distinct.args.get("on")):
        return {}
    columns = {each.alias_or_name: each.unalias() for each in node.expressions}
    bare = _is_bare(node)
    plain = {n: each for n, each in columns.items() if isinstance(each, exp.Column) and (each.table or bare)}
    if (group := node.args.get("group")) is not None:
        keys = _keys(group)
        plain = {name: each for name, each in plain.items() if each in keys}
    for part in (*node.expressions, *(node.args.get(arg) for arg in ("qualify", "order"))):
        for window in part.find_all(exp.Window) if part is not None else ():
            by = window.args.get("partition_by") or []
            plain = {name: each for name, each in plain.items() if each in by}
    return plain


def _is_bare(node: exp.Select) -> bool:
    """Whether this is `SELECT … FROM (…)` alone, which casts or renames what a set operation combines."""
    from_ = node.args.get("from_")
    alone = not any(node.args.get(arg) for arg in ("joins", "where", "group", "having", "qualify", "order"))
    return alone and from_ is not None and isinstance(from_.this, exp.Subquery) and not from_.this.alias


def _keys(group: exp.Group) -> Sequence[exp.Expr]:
    return [] if any(group.args.get(arg) for arg in _NOT_KEYS) else group.expressions


def _through(node: exp.Expr, columns: Mapping[str, exp.Expr]) -> exp.Expr:
    """A condition on a query's result as one on what it reads."""
    return _replaced(node, lambda found: found if found.table else columns.get(found.name, _UNKNOWN))


def _below(told: Sequence[exp.Expr], alias: str) -> list[exp.Expr]:
    """Conditions on what an alias stands for as ones on its columns."""

    def named(column: exp.Column) -> exp.Expr:
        if column.table == alias:
            return exp.column(column.name)
        return column if column.table else _UNKNOWN  # such as a lambda's variable

    return [_replaced(each, named) for each in told]


def _replaced(node: exp.Expr, by: Callable[[exp.Column], exp.Expr]) -> exp.Expr:
    return node.transform(lambda each: by(each).copy() if isinstance(each, exp.Column) else each)


def _any_of(uses: Sequence[Sequence[exp.Expr]]) -> list[exp.Expr]:
    """What is true of every row that one of several readers needs."""
    if not uses or not all(uses):
        return []
    if len(uses) == 1:
        return list(uses[0])
    return [exp.or_(*(exp.and_(*use, copy=True) for use in uses), copy=True)]


def _within(node: exp.Select) -> Iterator[exp.Expr]:
    """The outermost queries in a SELECT's expressions: not those that it reads FROM, and not its CTEs."""
    read = {id(join.this) for join in node.args.get("joins") or []}
    if (from_ := node.args.get("from_")) is not None:
        read.add(id(from_.this))
    waiting = [child for key, child in _children(node) if key != "with_"]
    while waiting:
        each = waiting.pop()
        if id(each) in read:
            continue
        if isinstance(each, (exp.Select, exp.SetOperation)):
            yield each
        else:
            waiting += [child for _, child in _children(each)]


def _children(node: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for key, value in node.args.items():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr):
                yield key, child
