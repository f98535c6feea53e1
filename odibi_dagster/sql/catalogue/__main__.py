"""Writes docs/sql.md: `python -m odibi_dagster.sql.catalogue`."""

from pathlib import Path

from odibi_dagster.sql.catalogue.page import page

if __name__ == "__main__":
    target = Path(__file__).parents[3] / "docs" / "sql.md"
    target.write_text(page(), encoding="utf-8")
