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


def judge(case: Case, spark: Answer, duck: Duck) -> Verdict:
    """Compiles and runs the case and holds it against Spark's answer: names, types, values, errors."""
    ours, words = duck.ask(case.sql)
    if ours.error == REFUSED:
        return Verdict(case, REFUSED, words)
    if spark.error:
        if ours.error:
            return Verdict(case, PROVEN)
        return Verdict(case, DIFFERENT, f"Spark raises {spark.error}, DuckDB answers {ours.rows}")
    if ours.error:
        return Verdict(case, DIFFERENT, f"DuckDB raises {ours.error}, {words}; Spark answers {spark.rows}")
    if ours.columns != spark.columns:
        return Verdict(case, DIFFERENT, f"columns {ours.columns}, in Spark {spark.columns}")
    return _rows(case, spark, ours)


def _rows(case: Case, spark: Answer, ours: Answer) -> Verdict:
    theirs, mine = [list(row) for row in spark.rows or ()], [list(row) for row in ours.rows or ()]
    if len(theirs) != len(mine):
        return Verdict(case, DIFFERENT, f"{len(mine)} rows, in Spark {len(theirs)}")
    if not case.ordered:
        theirs, mine = sorted(theirs, key=sort_key), sorted(mine, key=sort_key)
    types = [parse_type(type) for _, type in spark.columns]
    for number, (left, right) in enumerate(zip(mine, theirs, strict=True), 1):
        for at, type in enumerate(types):
            if not equal(left[at], right[at], type):
                return Verdict(
                    case, DIFFERENT,
                    f"row {number}, {spark.columns[at][0]} {type}: {left[at]!r}, in Spark {right[at]!r}",
                )  # fmt: skip
    return Verdict(case, PROVEN)
