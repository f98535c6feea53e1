"""Spark's own SQL, for tables that Spark computes: parsed, held to its inputs, and otherwise left as it is.

Spark gives it its meaning, so the catalogue is not asked; the jail is the same as everywhere: one SELECT over
tables of this project, and nothing that reaches outside of them.
"""

from __future__ import annotations

from sqlglot import exp

from .check import PARAMETERS
from .inputs import check_tables
from .parse import fingerprint, parse_one
from .problems import Problems
from .query import Query

#: Functions that run code of the machine, read what is no input, or keep a secret in a table.
REFUSED = {
    "reflect": "it calls any method of the cluster's Java",
    "java_method": "it calls any method of the cluster's Java",
    "try_reflect": "it calls any method of the cluster's Java",
    "secret": "it reads a secret of the workspace",
    "try_secret": "it reads a secret of the workspace",
    "read_files": "it reads files that are no input",
    "read_kafka": "it reads a stream that is no input",
    "cloud_files_state": "it reads what is no input",
    "http_request": "it sends rows elsewhere",
    "remote_query": "it reads what is no input",
    "ai_query": "it sends rows elsewhere",
}
#: Whatever does anything but compute rows, and what names another version than the run's.
_NODES = (
    exp.DDL,
    exp.DML,
    exp.Command,
    exp.Create,
    exp.Drop,
    exp.Into,
    exp.QueryTransform,
    exp.Stream,
    exp.Version,
)
_NOW = ("now", "current_timestamp", "current_date", "curdate", "localtimestamp", "current_time")


def parse_native(text: str, *, file: str, first_line: int = 1, table: str) -> Query:
    """The query in a text of Spark's own SQL, checked without any schema and without touching anything else.

    It is one statement, a SELECT (with WITH and set operations), over tables `layer.table`.

    Args:
        text: Spark SQL.
        file: the file the text is from, for errors.
        first_line: the line of that file on which the text begins.
        table: the table the text defines, for errors.

    Raises:
        SqlError: one problem, with its line.
        ConfigErrors: several, all of them.
    """
    problems = Problems(file=file, first_line=first_line, table=table)
    tokens, tree = parse_one(text, problems, catalogue=False)
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        problems.add(
            1, "This is not a SELECT.", remedy="A table's SQL is one SELECT statement and nothing else."
        )
        problems.raise_any()
    _refuse(tree, problems)
    inputs = check_tables(tree, problems)
    for node in tree.find_all(exp.Placeholder):
        if node.name not in PARAMETERS:
            names = ", ".join(f":{name}" for name in PARAMETERS)
            problems.add(
                node, f"The parameter :{node.name or '?'} is unknown.", remedy=f"Parameters are {names}."
            )
    problems.raise_any()
    used = dict.fromkeys(node.name for node in tree.find_all(exp.Placeholder))
    return Query(text, inputs, tuple(sorted(used)), fingerprint(tokens), file, first_line, table)


def check_native_predicate(text: str, *, file: str, line: int, table: str) -> str:
    """The condition in Spark's own SQL, without what stands around it in the text (comments, a semicolon).

    Args:
        text: a condition, `amount > 0`.
        file, line, table: where it stands, for errors.

    Raises:
        SqlError, ConfigErrors: it does not parse, or holds a subquery, a window, a parameter, or the current
            time.
    """
    problems = Problems(file=file, first_line=line, table=table)
    tokens, tree = parse_one(text, problems, catalogue=False)
    if isinstance(tree, exp.Alias) or not isinstance(tree, exp.Condition | exp.Predicate | exp.Paren):
        problems.add(1, "An expectation is a condition.", remedy="Write something like: amount > 0")
        problems.raise_any()
    _refuse(tree, problems)
    for node in tree.walk():
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDate) or name in _NOW:
            problems.add(node, "An expectation cannot use the current time.", remedy="Use `fresh`.")
        elif isinstance(node, exp.Query | exp.Window | exp.Placeholder):
            problems.add(
                node,
                "An expectation cannot use a subquery, a window or a parameter.",
                remedy="Write a condition over the columns.",
            )
    problems.raise_any()
    last = next(token for token in reversed(tokens) if token.text != ";")
    return text[tokens[0].start : last.end + 1]


def _refuse(tree: exp.Expr, problems: Problems) -> None:
    for node in tree.walk():
        if isinstance(node, _NODES):
            problems.add(
                node,
                f"{type(node).__name__.upper()} cannot be used in a table's SQL.",
                remedy="A table's SQL is one SELECT over tables of this project.",
            )
        why = REFUSED.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if why is not None:
            problems.add(
                node,
                f"The function {node.name.lower()} cannot be used.",
                why=why,
                remedy="Use a Python table.",
            )


__all__ = ["REFUSED", "check_native_predicate", "parse_native"]
