from __future__ import annotations

import re

import pytest

from odibi_dagster.sql.datetime_pattern import reader, writer
from odibi_dagster.sql.refusal import Refusal


def test_text_is_read_strictly() -> None:
    how = reader("yyyy-MM-dd'T'HH:mm:ss.SSS")
    assert re.fullmatch(how.exact, "2024-01-05T23:04:05.1") is not None
    for wrong in ("2024-1-05T23:04:05.1", "2024-01-05T24:04:05.1", " 2024-01-05T23:04:05.1", "2024-01-05"):
        assert re.fullmatch(how.exact, wrong) is None
    assert how.strptime == "%Y-%m-%dT%H:%M:%S.%f"


@pytest.mark.parametrize(
    "pattern",
    ["yy-MM-dd", "yyyyMd", "dd/MM", "yyyy-dd", "yyyy-MM-dd hh", "yyyyMMddSSS", "yyyy-MM-dd X", "[yyyy]"],
)
def test_patterns_that_are_not_exact_are_refused(pattern: str) -> None:
    with pytest.raises(Refusal):
        reader(pattern)


def test_text_is_written() -> None:
    assert writer("dd.MM.yyyy", "t") == "(strftime(t, '%d.%m.%Y'))"
    assert writer("''%", "t") == "(strftime(t, '''%%'))"
    for pattern in ("u", "w", "G", "#"):
        with pytest.raises(Refusal):
            writer(pattern, "t")
