from __future__ import annotations

import pytest

from odibi_dagster.sql.dialect import parse, tokenize


@pytest.mark.parametrize(
    ("worded", "plain"),
    [
        ("TRIM(BOTH 'x' FROM s)", "trim('x', s)"),
        ("TRIM(LEADING FROM s)", "ltrim(s)"),
        ("TRIM('x' FROM s)", "trim('x', s)"),
        ("trim(both)", "trim(both)"),
        ("trim(both || 'x')", "trim(both || 'x')"),
        ("POSITION('a' IN s)", "locate('a', s)"),
        ("SUBSTRING(s FROM 2 FOR 3)", "substring(s, 2, 3)"),
        ("OVERLAY(s PLACING 'x' FROM 2)", "overlay(s, 'x', 2)"),
        ("timestampadd(HOUR, 1, t)", "timestampadd('HOUR', 1, t)"),
        ("date_add(day, 1)", "date_add(day, 1)"),
        (r"r'\d'", r"'\\d'"),
    ],
)
def test_words_become_arguments(worded: str, plain: str) -> None:
    trees = [parse(tokenize(f"SELECT {sql}"), f"SELECT {sql}")[0] for sql in (worded, plain)]
    assert trees[0] == trees[1]


def test_escape_is_a_part_of_its_like() -> None:
    sql = "SELECT s LIKE 'a!%' ESCAPE '!'"
    tree = parse(tokenize(sql), sql)[0]
    assert tree is not None
    like = tree.expressions[0]
    assert like.args["escape"].name == "!"


def test_the_field_of_extract_is_its_first_argument() -> None:
    sql = "SELECT EXTRACT(YEAR FROM d)"
    tree = parse(tokenize(sql), sql)[0]
    assert tree is not None
    assert [arg.name for arg in tree.expressions[0].expressions] == ["YEAR", "d"]
