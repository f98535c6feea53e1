"""docs/cache.md: its file loads, and what it says of keys and numbers is the code's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from odibi_dagster.environment import load_environment
from odibi_dagster.environment.sections import CacheSection
from odibi_dagster.storage import transfer
from odibi_dagster_tests.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs/cache.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_file_says_every_key_there_is(tmp_path: Path) -> None:
    (block,) = blocks(PAGE)
    (tmp_path / "cached.yaml").write_text(block.text)
    cache = load_environment(str(tmp_path / "cached.yaml"), {}).settings.cache
    assert cache == CacheSection(folder="/var/cache/odibi", size="50GB", age=timedelta(days=14))
    assert all(f"| `{key}` |" in TEXT for key in CacheSection.model_fields)


def test_the_numbers_are_the_codes() -> None:
    default = CacheSection()
    assert f"| `{default.size}` |" in TEXT and f"| `{default.age.days}d` |" in TEXT
    assert f"{transfer.AT_ONCE} files are on their way at once" in TEXT
    assert transfer.PATIENCE == 5 and "more than five seconds" in TEXT
    assert f"`{transfer.logger.name}`" in TEXT
