from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.spark.engine import SparkEngine
from odibi_dagster.spark.resource import spark_resource
from odibi_dagster.spark.settings import Settings
from odibi_dagster_tests.engines.spark.lake import Lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture
def lake(tmp_path: Path, spark: "SparkSession") -> Lake:
    engine = SparkEngine(spark=spark_resource(Settings()), local=PandasEngine(threads=1))  # type: ignore[arg-type]
    return Lake(tmp_path / "lake", engine)
