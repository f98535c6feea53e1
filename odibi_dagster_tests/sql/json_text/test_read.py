from __future__ import annotations

import pytest

from odibi_dagster.sql.json_text.read import DEEPEST, Malformed, Unread, read_exact, read_loose


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 'it\\'s \"q\"'} behind", [("a", 'it\'s "q"')]),
        ('{"a": 1, "a": 2}', [("a", 1), ("a", 2)]),
        (" 12 ", 12),
        ('"x"y', "x"),
        ('"tab\there"', "tab\there"),
    ],
)
def test_forgiven(text: str, value: object) -> None:
    assert read_loose(text) == value


@pytest.mark.parametrize(
    "text", ["", " ", "12x", "truex", "01", "NaN", "[1,]", '{"a":1', "it's", "\ufeff1", '"\\q"', "\x0b1"]
)
def test_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_loose(text)


def test_from_json_reads_no_control_characters() -> None:
    with pytest.raises(Malformed):
        read_exact('"tab\there"')


def test_what_is_not_read_raises_and_is_no_null() -> None:
    deep = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
    for text in (deep, "1" * 1001):
        with pytest.raises(Unread):
            read_loose(text)
    assert read_loose('"' + "[" * 500 + '"') == "[" * 500
