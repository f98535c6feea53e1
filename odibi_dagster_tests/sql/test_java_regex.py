from __future__ import annotations

import pytest

from odibi_dagster.sql.catalogue.regex import replacement
from odibi_dagster.sql.java_regex import translate
from odibi_dagster.sql.refusal import Refusal


@pytest.mark.parametrize(
    ("java", "re2"),
    [
        ("a+b?", "a+b?"),
        (r"\d\w\.", r"[0-9][a-zA-Z0-9_]\."),
        (r"\s", r"[\t\n\x0b\f\r ]"),
        ("a.c", r"a[^\n\r\x{85}\x{2028}\x{2029}]c"),
        ("(?i)aB1", "[aA][bB]1"),
        ("(?i)[a-c]", "[a-cA-C]"),
        ("[a-]", r"[a\-]"),
    ],
)
def test_what_means_the_same_is_written_for_re2(java: str, re2: str) -> None:
    assert translate(java).re2 == re2


@pytest.mark.parametrize(
    "java",
    [r"\bx", r"\p{L}", "(?=a)", "(?<n>a)", r"(a)\1", "a++", "a|b$", "(a$)", "a^b", "(a*)*", "[a&&b]",
     "[a[b]]", "(?i)ß", "a{", "a{2000}", "(a", "a)", "[a", "*a", "a||b", "a\\"],
)  # fmt: skip
def test_what_differs_is_refused(java: str) -> None:
    with pytest.raises(Refusal):
        translate(java)


def test_a_pattern_tells_what_it_can_match() -> None:
    assert translate("a*").empty and not translate("a+").empty
    assert translate("a$").ends and not translate(r"a\$").ends
    assert translate("(a)(b)").groups == 2
    assert translate("(a)+").nested and not translate("(a)?").nested


def test_replacements() -> None:
    assert replacement(r"$1-\$\\", 1) == r"\1-$\\"
    for wrong in ("$2", "$", "${x}", "a\\"):
        with pytest.raises(Refusal):
            replacement(wrong, 1)
