from __future__ import annotations

import pytest

from odibi_dagster.sql.json_text.write import double, text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.5, "1.5"), (100.0, "100.0"), (-0.0, "-0.0"), (1e7, "1.0E7"), (9999999.5, "9999999.5"),
        (0.001, "0.001"), (0.00099, "9.9E-4"), (1.25e-10, "1.25E-10"), (-1e300, "-1.0E300"),
        (123456789.125, "1.23456789125E8"), (float("inf"), "Infinity"), (float("nan"), "NaN"),
    ],
)  # fmt: skip
def test_doubles_as_java_prints_them(value: float, shown: str) -> None:
    assert double(value) == shown


def test_escapes() -> None:
    assert text('a"\\/\x01\x1f\n\u007fé😀', escaped=False) == '"a\\"\\\\/\\u0001\\u001F\\n\u007fé😀"'
    assert text("😀\ud800", escaped=True) == '"\\uD83D\\uDE00\\uD800"'
