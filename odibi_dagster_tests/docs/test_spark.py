"""docs/spark.md: its environments load and mean what the page says, and its numbers are those of the jars."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.environment import load_environment
from odibi_dagster.environment.spark import SparkSection
from odibi_dagster.spark.jars import expected
from odibi_dagster.spark.presets import PRESETS
from odibi_dagster_tests.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs/spark.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = {block.name: block.text for block in blocks(PAGE) if block.name}
VARIABLES = {
    "AZURE_STORAGE_ACCOUNT_NAME": "shopdata",
    "AZURE_STORAGE_CONTAINER": "shop",
    "AWS_BUCKET": "shop",
    "DATABRICKS_HOST": "host",
    "DATABRICKS_TOKEN": "t0ken-4711",
    "CLUSTER_ID": "cluster",
}


def test_its_files(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / (name or "")).write_text(text)
    cluster = load_environment(str(tmp_path / "cluster.yaml"), VARIABLES).spark()
    assert cluster.launch()["spark.master"] == "spark://spark-master:7077"
    assert cluster.launch()["spark.sql.shuffle.partitions"] == "400"
    workspace = load_environment(str(tmp_path / "databricks.yaml"), VARIABLES).spark()
    assert not workspace.wants_jars and not workspace.local and "t0ken" not in repr(workspace)


@pytest.mark.parametrize(
    ("name", "preset"), [("local-spark", "local"), ("azure-spark", "azure"), ("aws-spark", "s3")]
)
def test_the_shipped_environments(name: str, preset: str) -> None:
    environment = load_environment(name, VARIABLES)
    assert environment.settings.engine.name == "spark" and environment.spark().preset == preset
    assert f"`{name}`" in TEXT


def test_every_key_and_preset_is_there() -> None:
    assert [key for key in SparkSection.model_fields if f"| `{key}` |" not in TEXT] == []
    assert [preset for preset in PRESETS if f"`{preset}`" not in TEXT] == []
    assert f"{len(expected())} files" in TEXT
    assert f"({sum(jar.size for jar in expected()) // 10**6} MB)" in TEXT
