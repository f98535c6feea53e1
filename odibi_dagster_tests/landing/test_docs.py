"""docs/landing.md: its snippet loads and means what the page says; what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from odibi_dagster.landing import compact, hidden, sensor, verdict
from odibi_dagster.tables.load import load_tables
from odibi_dagster.tables.spec import LandingBody

TEXT = (Path(__file__).parents[2] / "docs/landing.md").read_text(encoding="utf-8")


def test_the_snippet_loads(tmp_path: Path) -> None:
    ((name, text),) = re.findall(r"\*\*`(\S+)`\*\*\n\n```yaml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(text)
    (spec,) = load_tables(tmp_path, {})
    body = spec.body
    assert isinstance(body, LandingBody) and spec.kind == "append"
    assert (body.settle, body.max_files, body.max_bytes) == (60, 1000, 10 * 10**9)


def test_the_proofs_exist() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", TEXT))
    assert named and all((Path(__file__).parent / name).is_file() for name in named)


def test_the_numbers_are_the_code_s() -> None:
    assert f"at least {verdict.MOST_CHANGED} files" in TEXT
    assert f"more than {verdict.MOST_CHANGED_SHARE:.0%}".replace("%", " %") in TEXT
    assert f"more than {compact.MOST_FILES}." in TEXT
    assert f"waits {sensor.FIRST_PAUSE_SECONDS:g} seconds" in TEXT and sensor.LONGEST_PAUSE_SECONDS == 3600
    assert f"at most {sensor.BUDGET_SECONDS:g} seconds" in TEXT
    assert all(f"`.{suffix}`" in TEXT for suffix in hidden._SUFFIXES)
