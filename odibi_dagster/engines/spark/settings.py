"""What a session must be set to, so that the same table files mean the same on both engines."""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakSet

_SETTINGS = {
    # Spark 4's ANSI meaning: what does not fit is an error, not NULL.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    # Not INT96, which other readers take for a timestamp without a zone.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.fieldId.write.enabled": "false",
    "spark.databricks.delta.stats.collect": "true",
    "spark.databricks.delta.optimizeWrite.enabled": "false",
    "spark.databricks.delta.autoCompact.enabled": "false",
    # A staged table's log is read once and deleted. Delta writes this file without the session's credentials,
    # so that each write in Azure would wait for three refusals.
    "spark.databricks.delta.writeChecksumFile.enabled": "false",
}
_SET: WeakSet[Any] = WeakSet()


def settle(spark: Any) -> None:
    """Sets the session, once, whatever the environment or the cluster says.

    Args:
        spark: a `pyspark.sql.SparkSession`, classic or over Connect.
    """
    if spark in _SET:
        return
    # It prints every exception's whole stack as JSON, before anybody has told what it means.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    for key, value in _SETTINGS.items():
        if spark.conf.get(key, None) != value:
            spark.conf.set(key, value)
    _SET.add(spark)
