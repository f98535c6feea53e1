"""Expectations: one boolean condition over the columns of a table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from .catalogue import FUNCTIONS
from .catalogue.operators import boolean
from .check import check_tree
from .env import Env
from .expression import Expressions
from .inputs import check_tables
from .parse import parse_one
from .problems import Problems
from .refusal import Refusal
from .scope import Field, Scope
from .types import Schema, quote


@dataclass(frozen=True)
class Predicate:
    """A compiled condition: DuckDB text over the table's columns, and the columns it reads."""

    sql: str
    columns: tuple[str, ...]


def check_predicate(text: str, *, file: str, line: int, table: str) -> exp.Expr:
    """The parsed condition, once everything that needs no schema is checked.

    Args:
        text: a condition in Spark SQL, `amount > 0`.
        file, line, table: where it stands, for errors.

    Raises:
        SqlError, ConfigErrors: it does not parse, or holds a subquery, an aggregate, a window, a parameter,
            the current time, or something that is not in the catalogue.
    """
    problems = Problems(file=file, first_line=line, table=table)
    _, tree = parse_one(text, problems)
    if isinstance(tree, exp.Alias) or not isinstance(tree, exp.Condition | exp.Predicate | exp.Paren):
        problems.add(1, "An expectation is a condition.", remedy="Write something like: amount > 0")
        problems.raise_any()
    check_tree(tree, problems, predicate=True)
    check_tables(tree, problems)
    for node in tree.walk():
        entry = FUNCTIONS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if entry is not None and entry.kind != "scalar":
            problems.add(
                node,
                f"An expectation cannot use the aggregate {entry.name}.",
                remedy="It is asked about each row. Use `unique`, `rows` or `fresh`.",
            )
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDate) or name in (
            "now",
            "current_timestamp",
            "current_date",
        ):
            problems.add(node, "An expectation cannot use the current time.", remedy="Use `fresh`.")
    problems.raise_any()
    return tree


def compile_predicate(text: str, schema: Schema, *, file: str, line: int, table: str) -> Predicate:
    """The condition as a boolean DuckDB expression over the table's bare column names.

    Raises:
        SqlError, ConfigErrors: as `check_predicate`; an unknown column; types that do not fit; not a boolean.
    """
    tree = check_predicate(text, file=file, line=line, table=table)
    problems = Problems(file=file, first_line=line, table=table)
    short = table.rpartition(".")[2].lower()
    fields = tuple(
        Field(c.name, quote(c.name), c.type, c.nullable, short, ((table, c.name),)) for c in schema
    )
    env = Env(Scope(fields), clause="An expectation", windows=False)
    typed = Expressions(problems, now=None, parameters={}).compile(tree, env)
    try:
        sql = boolean(typed, "An expectation")
    except Refusal as refusal:
        raise problems.error(tree, refusal.what, remedy=refusal.remedy) from None
    return Predicate(sql, tuple(dict.fromkeys(column for _, column in typed.lineage)))
