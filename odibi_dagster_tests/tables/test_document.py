from datetime import date
from decimal import Decimal

import pytest

from odibi_dagster.tables.document import Document, read_document
from odibi_dagster.tables.problems import Problems


def read(
    text: str, names: dict[str, str] | None = None
) -> tuple[Document | None, list[tuple[int | None, str, str, str]]]:
    problems = Problems("a.yaml")
    document = read_document(text, first_line=10, names=names or {}, problems=problems)
    return document, [(e.where.line, e.what, e.why, e.remedy) for e in problems.errors]


def data(text: str, names: dict[str, str] | None = None) -> dict[str, object]:
    document, errors = read(text, names)
    assert document is not None and not errors, errors
    return document.data


def test_scalars_follow_yaml_1_2():
    assert data("a: 1\nb: -7\nc: 1.50\nd: true\ne: ~\nf: 2024-01-31\ng: text") == {
        "a": 1,
        "b": -7,
        "c": Decimal("1.50"),
        "d": True,
        "e": None,
        "f": date(2024, 1, 31),
        "g": "text",
    }
    assert str(data("c: 1.50")["c"]) == "1.50"


@pytest.mark.parametrize(
    "text", ["NO", "yes", "off", "on", "12:30", "007", "0x1F", "1_000", "1e5", ".5", "+.inf", "0o7"]
)
def test_what_yaml_1_1_would_change_stays_text(text):
    assert data(f"a: {text}") == {"a": text}


@pytest.mark.parametrize("text", ["'1'", '"true"', "'2024-01-31'", "'~'"])
def test_quoted_scalars_are_texts(text):
    assert data(f"a: {text}") == {"a": text[1:-1]}


def test_keys_are_names():
    assert data("on: 1\nno: 2\n2024: 3\n~: 4") == {"on": 1, "no": 2, "2024": 3, "~": 4}


def test_lines_are_those_of_the_file():
    document, _ = read("a: 1\nb:\n  c: [x,\n      y]\n")
    assert document is not None
    assert [
        document.line(p) for p in [(), ("a",), ("b", "c"), ("b", "c", 1), ("b", "z"), ("b", "c", 9, "k")]
    ] == [
        10,
        10,
        12,
        13,
        11,
        12,
    ]


def test_names_are_resolved_in_texts():
    assert data("a: ${lake}/x\nb: ['${ lake }']", {"lake": "/data"}) == {"a": "/data/x", "b": ["/data"]}


def test_an_unknown_name_is_refused():
    assert read("a: 1\nb: ${lak}/x", {"lake": "/data"})[1] == [
        (11, "`${lak}` is not known.", "", "Did you mean `lake`?")
    ]


def test_an_empty_document_has_no_keys():
    assert data("") == {} and data("# only a comment\n") == {}


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("a: 1\nb: [1, 2\nc: 3", 12, "not YAML", "Indent"),
        ("a: 1\n\tb: 2", 11, "not YAML", "spaces"),
        ("a: x: y", 10, "not YAML", "quote"),
        ("a: 1\n---\nb: 2", 11, "not YAML", "Indent"),
        ("- a\n- b", 10, "A mapping", "key: value"),
        ("just text", 10, "A mapping", "key: value"),
        ("a: 1\na: 2", 11, "The key `a` is given twice", "the first is in line 10"),
        ("a: &x [1]\nb: *x", 11, "anchors", "Write the value out"),
        ("a: &x [*x]", 10, "anchors", "Write the value out"),
        ("a: 1\nb: !thing x", 11, "The YAML tag `!thing`", "without a tag"),
        ("? [a]\n: 1", 10, "single word", "brackets"),
        ("a: 1\nb: 2024-02-30", 11, "2024-02-30 is not a day", "yyyy-mm-dd"),
    ],
)
def test_refusals_name_line_cause_and_remedy(text, line, what, remedy):
    errors = read(text)[1]
    assert len(errors) == 1
    assert errors[0][0] == line and what in errors[0][1] and remedy in errors[0][3]


def test_a_control_character_is_refused():
    errors = read("a: \x00")[1]
    assert [error[1] for error in errors] == ["This is not YAML."]
