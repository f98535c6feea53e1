"""What a compiled query needs of each input: columns, and comparisons that its rows must meet to matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp, parse_one

from odibi_dagster.engines.pandas.places import places

Operator = Literal["=", "<", "<=", ">", ">="]
_OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_MIRRORED: dict[Operator, Operator] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: What a constant is made of; subqueries, and functions that may be volatile, are not looked into.
_CONSTANT = (
    exp.Literal, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Neg, exp.Paren, exp.Boolean,
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """A row matters only if `column operator value` is true; `value` is a constant in DuckDB SQL."""

    column: str
    operator: Operator
    value: str


@dataclass(frozen=True)
class Combined:
    """All (AND) or any (OR) of the parts."""

    word: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


#: Never true for NULL: what it leaves out of an outer join's side could not have come through either.
Condition = Comparison | Combined


@dataclass(frozen=True)
class Need:
    """What a query needs of one input.

    Args:
        columns: the names that may be its columns; None: all.
        condition: rows for which it is not true do not change the query's result; None: every row may.
    """

    columns: frozenset[str] | None = None
    condition: Condition | None = None


def needs(sql: str, inputs: Sequence[str]) -> Mapping[str, Need]:
    """What a compiled query needs of its inputs. Whatever is not understood is needed.

    An input that stands in FROM several times is needed by each of them. Conditions come from WHERE, ON and
    HAVING around the place that names the input, through CTEs and subqueries, where NULL cannot meet them.

    Args:
        sql: from `compile_query`: inputs are quoted names such as "bronze.orders", each with an alias that
            no other place of the query uses.
        inputs: the names.
    """
    tree = parse_one(sql, read="duckdb")
    columns = _columns(tree)
    found: dict[str, list[Condition | None]] = {name: [] for name in inputs}
    for place in places(tree, inputs):
        parts = [c for part in place.conjuncts if (c := _condition(part, place.alias))]
        found[place.name].append(_all(parts))
    return {name: Need(columns, any_of(conditions)) for name, conditions in found.items()}


def _columns(tree: exp.Expr) -> frozenset[str] | None:
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return None
    return frozenset(column.name for column in tree.find_all(exp.Column))


def _condition(node: exp.Expr, alias: str) -> Condition | None:
    if isinstance(node, exp.Paren):
        return _condition(node.this, alias)
    if isinstance(node, exp.And):
        return _all([c for side in (node.left, node.right) if (c := _condition(side, alias))])
    if isinstance(node, exp.Or):
        return any_of([_condition(side, alias) for side in (node.left, node.right)])
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        return any_of([_comparison(node.this, "=", value, alias) for value in node.expressions])
    operator = _OPERATORS.get(type(node))
    if operator is None:
        return None
    left, right = node.this, node.expression
    return _comparison(left, operator, right, alias) or _comparison(right, _MIRRORED[operator], left, alias)


def _comparison(column: exp.Expr, operator: Operator, value: exp.Expr, alias: str) -> Comparison | None:
    if not isinstance(column, exp.Column) or column.table != alias:
        return None
    if not all(isinstance(node, _CONSTANT) for node in value.walk()):
        return None
    return Comparison(column.name, operator, value.sql(dialect="duckdb"))


def _all(parts: Sequence[Condition]) -> Condition | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return Combined("AND", tuple(parts))


def any_of(parts: Sequence[Condition | None]) -> Condition | None:
    """Rows that meet any of the conditions; None, every row, if one of them is."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return known[0] if len(known) == 1 else Combined("OR", tuple(known))
