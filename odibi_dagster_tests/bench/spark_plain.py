"""Runs the plain PySpark script: each table computed, written by delta-spark, read back and checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    """`spark_plain.py SCRIPT FOLDER [REMOTE]`; prints rows and violations by table as JSON."""
    script, folder, *remote = sys.argv[1:]
    plan = json.loads(Path(script).read_text())
    spark = _session(plan["settings"], *remote)
    told = {table["key"]: make(spark, table, f"{folder}/{table['name']}") for table in plan["tables"]}
    spark.stop()
    print(json.dumps(told))


def _session(settings: Mapping[str, str], remote: str | None = None) -> Any:
    from pyspark.sql import SparkSession

    if remote:
        return SparkSession.builder.remote(remote).getOrCreate()
    return SparkSession.builder.config(map=dict(settings)).getOrCreate()


def make(spark: Any, table: Mapping[str, Any], folder: str) -> dict[str, int]:
    """Writes one table, counts what its expectations ask for, and deletes the rows that they say."""
    rows, by = spark.sql(table["query"]), table["partition_by"]
    writer = (rows.repartition(*by) if by else rows).write.format("delta").mode("overwrite")
    (writer.partitionBy(*by) if by else writer).save(folder)
    spark.read.format("delta").load(folder).createOrReplaceTempView(table["name"])
    asked = {"rows in all": "count(*)", **table["rows"]}
    counts = spark.sql(f"SELECT {', '.join(asked.values())} FROM {table['name']}").collect()[0]
    found = dict(zip(asked, map(int, counts), strict=True))
    for check, query in table["checks"].items():
        found[check] = int(spark.sql(query).collect()[0][0])
    if any(found[rule] for rule in table["dropping"]):
        deleted = spark.sql(f"DELETE FROM delta.`{folder}` WHERE {table['drop']}").collect()[0][0]
        found["rows in all"] -= int(deleted)
        spark.read.format("delta").load(folder).createOrReplaceTempView(table["name"])
    return found


if __name__ == "__main__":
    main()
