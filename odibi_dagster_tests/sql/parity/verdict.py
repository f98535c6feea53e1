"""What a case shows: proven, refused, or a difference that nobody may see."""

from __future__ import annotations

from dataclasses import dataclass

from odibi_dagster.sql.types import parse_type

from .answer import Answer
from .case import Case
from .duck import REFUSED, Duck
from .value import equal, sort_key

PROVEN, DIFFERENT = "proven", "different"


@dataclass(frozen=True)
class Verdict:
    """The outcome of one case: `proven`, `REFUSED` or `different`, and why, for people."""

    case: Case
    outcome: str
    why: str = ""


def judge(case: Case, spark: Answer, duck: Duck, *, names: bool = True) -> Verdict:
    """Compiles and runs the case and holds it against Spark's answer: names, types, values, errors."""
    ours, words = duck.ask(case.sql)
    if ours.error == REFUSED:
        # What Spark does not answer either is no limit.
        return Verdict(case, PROVEN if spark.error else REFUSED, words)
    if spark.error:
        if ours.error:
            return Verdict(case, PROVEN)
        return Verdict(case, DIFFERENT, f"Spark raises {spark.error}, DuckDB answers {ours.rows}")
    if ours.error:
        return Verdict(case, DIFFERENT, f"DuckDB raises {ours.error}, {words}; Spark answers {spark.rows}")
    why = same(case, ours, spark, names=names)
    return Verdict(case, DIFFERENT if why else PROVEN, why)


def same(case: Case, ours: Answer, theirs: Answer, *, names: bool = True) -> str:
    """How an answer differs from Spark's, '' if it does not."""
    if ours.error or theirs.error:
        return "" if ours.error == theirs.error else f"{ours}, in Spark {theirs}"
    types_only = [type for _, type in ours.columns] == [type for _, type in theirs.columns]
    if (names or not types_only) and ours.columns != theirs.columns:
        return f"columns {ours.columns}, in Spark {theirs.columns}"
    left, right = [list(row) for row in ours.rows or ()], [list(row) for row in theirs.rows or ()]
    if len(left) != len(right):
        return f"{len(left)} rows, in Spark {len(right)}"
    if not case.ordered:
        left, right = sorted(left, key=sort_key), sorted(right, key=sort_key)
    if theirs.rows is None:
        return ""
    types = [parse_type(type) for _, type in theirs.columns]
    for number, (mine, its) in enumerate(zip(left, right, strict=True), 1):
        for at, type in enumerate(types):
            if not equal(mine[at], its[at], type):
                name = theirs.columns[at][0]
                return f"row {number}, {name} {type}: {mine[at]!r}, in Spark {its[at]!r}"
    return ""
