from __future__ import annotations

from pathlib import Path

from odibi_dagster_tests.cli.shop import Shop


def test_the_demo_and_a_second_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    # ODIBI_TABLES names a folder that does not exist: the demo is of the shipped tables.
    first = shop.cli("demo", "--orders", "300", "--lake", str(tmp_path / "other"))
    assert "12 tables: 12 succeeded" in first.stdout
    heading = next(line for line in first.stdout.splitlines() if line.startswith("table "))
    assert heading.split() == ["table", "rows", "added", "version", "files", "bytes", "seconds", "checks"]
    assert "gold.customer_metrics, the first 5 rows" in first.stdout
    assert "gold.product_metrics, the first 5 rows" in first.stdout
    assert "odibi-dagster ui" in first.stdout
    assert "Nothing new has landed" not in first.stdout
    assert (tmp_path / "other" / "gold" / "customer_metrics" / "_delta_log").is_dir()
    second = shop.cli("demo", "--orders", "300", "--lake", str(tmp_path / "other"))
    assert "Nothing new has landed for bronze.orders" in second.stdout
