from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from odibi_dagster.sql.catalogue import _FAMILIES as FAMILIES
from odibi_dagster.sql.catalogue import FUNCTIONS, OPERATORS, entries
from odibi_dagster.sql.catalogue.page import page
from odibi_dagster.sql.catalogue.refused import REFUSED
from odibi_dagster.sql.check import check_tree
from odibi_dagster.sql.problems import Problems
from odibi_dagster_tests.sql.parity.answer import functions
from odibi_dagster_tests.sql.parity.case import cases_of
from odibi_dagster_tests.sql.parity.case import families as families_with_cases

ALWAYS_NOW = {"current_timestamp", "current_date"}  # Spark's answer is never the same twice
#: Names that are operators or part of a syntax, proven as such.
SYNTAX = {"and", "between", "case", "cast", "if", "in", "not", "or", "when", "like", "div"}


def test_the_page_in_the_docs_is_the_catalogue() -> None:
    docs = Path(__file__).parents[2] / "docs" / "sql.md"
    assert docs.read_text(encoding="utf-8") == page(), "run: python -m odibi_dagster.sql.catalogue"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_every_entry_has_cases(family: Any) -> None:
    name = family.__name__.rpartition(".")[2]
    asked = {case.entry for case in cases_of(name)} if name in families_with_cases() else set()
    missing = {entry.name for entry in family.ENTRIES} - asked - ALWAYS_NOW
    assert not missing, f"write cases for them in parity/cases/{name}.py"


def test_every_function_of_spark_is_an_entry_or_refused_for_a_reason() -> None:
    known = {name for name in functions() if name.isidentifier()}
    unknown = known - set(FUNCTIONS) - set(REFUSED) - SYNTAX
    assert not unknown, sorted(unknown)
    assert not set(FUNCTIONS) & set(REFUSED)
    assert set(REFUSED) <= known


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
