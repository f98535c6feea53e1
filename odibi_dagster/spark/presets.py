"""Settings that suit a place, by its name; an environment's `spark: {config: …}` has the last word.

Names of today's settings: https://spark.apache.org/docs/latest/sql-performance-tuning.html,
https://hadoop.apache.org/docs/r3.5.0/hadoop-azure/abfs.html,
https://hadoop.apache.org/docs/r3.5.0/hadoop-aws/tools/hadoop-aws/performance.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Preset = Literal["local", "azure", "s3", "databricks"]

_MB = 1024 * 1024
_QUERIES = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark.sql.files.maxPartitionBytes": str(128 * _MB),
}

PRESETS: Mapping[Preset, Mapping[str, str]] = {
    "local": _QUERIES,
    "azure": {
        **_QUERIES,
        # Twice the default of a read; the store answers a large request as fast as a small one.
        "spark.hadoop.fs.azure.read.request.size": str(8 * _MB),
        "spark.hadoop.fs.azure.write.request.size": str(8 * _MB),
        "spark.hadoop.fs.azure.block.size": str(128 * _MB),
    },
    "s3": {
        **_QUERIES,
        "spark.hadoop.fs.s3a.block.size": str(128 * _MB),
        "spark.hadoop.fs.s3a.multipart.size": str(64 * _MB),
        # Parts that wait for their upload are in memory, not on the disk of an executor.
        "spark.hadoop.fs.s3a.fast.upload.buffer": "bytebuffer",
        "spark.hadoop.fs.s3a.connection.maximum": "200",
    },
    # The workspace has Delta, its own credentials for storage, and its own tuning of both.
    "databricks": _QUERIES,
}
