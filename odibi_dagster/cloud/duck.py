"""The DuckDB that parses and writes files for one call."""

from __future__ import annotations

import os
import tempfile
import uuid
from typing import Any


def connect() -> Any:
    """A fresh in-memory DuckDB: UTC, nothing downloaded, Python variables out of its sight.

    What does not fit into memory goes to the disk of temporary files, and is gone when it is closed.
    """
    import duckdb

    connection = duckdb.connect(
        config={
            "temp_directory": os.path.join(tempfile.gettempdir(), f"odibi-spill-{uuid.uuid4().hex[:12]}"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
        }
    )
    for statement in ("SET TimeZone = 'UTC'", "SET enable_progress_bar = false"):
        connection.execute(statement)
    return connection
