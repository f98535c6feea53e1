from __future__ import annotations

import pytest

from odibi_dagster.sql.json_text.read import Unread
from odibi_dagster.sql.json_text.record import from_json


@pytest.mark.parametrize(
    ("text", "schema", "made"),
    [
        ('{"a": "1", "b": 2}', "a INT, b STRING", '{"a":null,"b":"2"}'),
        ('{"a": [1, "x"], "b": {"c": "x", "d": 1}}', "a ARRAY<INT>, b STRUCT<c INT, d: INT>",
         '{"a":null,"b":{"c":null,"d":1}}'),
        ('{"a": 1, "a": "x"}', "a INT", '{"a":1}'),
        ('{"a": 1', "a INT", '{"a":null}'),
        ("N/A", "ARRAY<INT>", None),
        (" \n", "a INT", None),
        ('{"a": 1}', "ARRAY<STRUCT<a INT>>", '[{"a":1}]'),
        ('{"a": "2024-01-02T03:04:05.5+01:00"}', "a TIMESTAMP", '{"a":"2024-01-02 02:04:05.500000+00:00"}'),
        ('{"a": 1.005}', "a DECIMAL(5,2)", '{"a":"1.01"}'),
        ('{"a": 999.995}', "a DECIMAL(5,2)", '{"a":null}'),
        ('{"a": "\\ud800"}', "a STRING", '{"a":"?"}'),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_null(text: str, schema: str, made: str | None) -> None:
    assert from_json(text, schema) == made


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ('{"a": "12"}', "a DATE"),
        ('{"a": "12024-01-02"}', "a DATE"),
        ('{"a": "10:11:12"}', "a TIMESTAMP"),
        ('{"a": "2024-01-02 03:04:05 Europe/Berlin"}', "a TIMESTAMP"),
        ('{"a": +Infinity}', "a DOUBLE"),
        ('{"a": 1, "a": 2}', "MAP<STRING,INT>"),
        ('{"a": 1, "b": {"c": [1, }}', "a INT, b STRING"),
    ],
)
def test_what_spark_reads_otherwise_raises_and_is_no_null(text: str, schema: str) -> None:
    with pytest.raises(Unread):
        from_json(text, schema)
