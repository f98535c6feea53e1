from __future__ import annotations

import pytest

from odibi_dagster.sql.json_text.path import get_json_object, parse_path


def test_steps() -> None:
    assert parse_path("$.a['b.c'][0][*].d e") == ("a", "b.c", 0, None, "d e")
    for path in ("a", "$a", "$.", "$..a", "$.*", "$['*']", "$[-1]", "$[ 0 ]", "$ .a", "$[0,1]"):
        assert parse_path(path) is None


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ('{"a": 1.50}', "$.a", "1.5"),
        ('{"a": {"b": [1, "x"]}}', "$.a", '{"b":[1,"x"]}'),
        ('[{"a": 1}, {"a": 2}]', "$[*].a", "[1,2]"),
        ('[{"a": "x"}]', "$[*].a", '"x"'),
        ('{"a": "\\ud800"}', "$.a", None),
        ("N/A", "$.a", None),
    ],
)
def test_what_is_there(text: str, path: str, found: str | None) -> None:
    assert get_json_object(text, path) == found
