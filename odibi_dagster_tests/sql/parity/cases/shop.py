"""The SQL of the package's own tables, over few rows of their inputs."""

from __future__ import annotations

import re
from pathlib import Path

import odibi_dagster

_DEFS = Path(odibi_dagster.__file__).parent / "defs"


def _query(file: Path) -> str:
    """A table's SELECT, at one instant instead of now."""
    text = re.sub(r"/\*.*?\*/|--[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = text.replace("CURRENT_TIMESTAMP()", "TIMESTAMP '2026-01-02 03:04:05.678901'")
    return " ".join(text.replace("CURRENT_DATE()", "DATE '2026-01-02'").split())


CASES: dict[str, tuple[str, ...]] = {
    f"{file.parent.name}.{file.stem}": (_query(file),) for file in sorted(_DEFS.glob("*/*.sql"))
}
