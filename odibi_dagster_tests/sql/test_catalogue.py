from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from odibi_dagster.sql.catalogue import FUNCTIONS, OPERATORS, entries
from odibi_dagster.sql.catalogue.page import page
from odibi_dagster.sql.check import check_tree
from odibi_dagster.sql.problems import Problems


def test_the_page_in_the_docs_is_the_catalogue() -> None:
    docs = Path(__file__).parents[2] / "docs" / "sql.md"
    assert docs.read_text(encoding="utf-8") == page(), "run: python -m odibi_dagster.sql.catalogue"


def test_names_are_unique() -> None:
    listed = [name for e in entries() if e.node is None for name in (e.name, *e.aliases)]
    assert len(listed) == len(set(listed)) == len(FUNCTIONS)
    assert len(OPERATORS) == sum(len(e.nodes()) for e in entries() if e.node is not None)
    assert len(entries()) >= 60


def test_a_class_of_the_parser_that_is_not_listed_is_refused() -> None:
    """An upgrade of the parser that reads something into a new class cannot give it a meaning."""

    class Add(exp.Add):
        pass

    class Select(exp.Select):
        pass

    for tree in (exp.Select(expressions=[Add(this=exp.Null(), expression=exp.Null())]), Select()):
        problems = Problems(file="f", first_line=1, table="t")
        check_tree(tree, problems)
        assert len(problems.errors) == 1
    problems = Problems(file="f", first_line=1, table="t")
    check_tree(exp.Select(expressions=[exp.Null()], new_clause=exp.Null()), problems)
    assert "NEW_CLAUSE is not in the SQL catalogue" in str(problems.errors[0])
